"""Image streams and mirrors: which of them matter, and what the internal registry would say."""

from typing import Any

import pytest
from tests.why import making
from tests.why.collect.api import Api, listed

from pullscope.kube.status import ApiError
from pullscope.oci import reference
from pullscope.pull.mirrors import Mirror
from pullscope.why.collect import imagestreams, internal, mirrors
from pullscope.why.collect.ledger import Ledger
from pullscope.why.collect.questions import Question, Questions
from pullscope.why.facts import RegistryImage, Stream, StreamTag, Template
from pullscope.why.identity import Running

STREAMS = "/apis/image.openshift.io/v1/namespaces/demo/imagestreams"
IMAGES = "/apis/image.openshift.io/v1/namespaces/demo/imagestreamimages"
REPOSITORY = making.INTERNAL.removesuffix("/demo/app")


def item(image: str) -> dict[str, Any]:
    return {"created": "2026-11-21T12:00:00Z", "image": image, "dockerImageReference": f"quay.io/a/b@{image}"}


STREAM = {
    "metadata": {"name": "app", "namespace": "demo"},
    "spec": {
        "lookupPolicy": {"local": True},
        "tags": [
            {
                "name": "v1",
                "from": {"kind": "DockerImage", "name": "quay.io/a/b:v1"},
                "importPolicy": {"scheduled": True},
                "referencePolicy": {"type": "Local"},
            },
            {"name": "v2", "from": None},
        ],
    },
    "status": {
        "dockerImageRepository": making.INTERNAL,
        "tags": [
            {
                "tag": "v1",
                "items": [item(making.NEW), item(making.OLD)],
                "conditions": [{"type": "ImportSuccess", "status": "False", "message": "not let in"}],
            },
            {"tag": "pushed", "items": [item(making.OTHER)]},
        ],
    },
}


def test_which_streams_matter() -> None:
    containers = [
        making.running(f"{making.INTERNAL}:v1", template=None),
        making.running("web:v2", template=Template("web:v2", "IfNotPresent")),
        making.running(trigger="other/base:latest"),
        making.running("::", template=None),
    ]
    concerned = imagestreams.concerned(containers)
    assert concerned.named == {("demo", "app"), ("other", "base")}
    assert concerned.possible == {("demo", "web")}
    assert concerned.tags == {"demo/app:v1", "demo/web:v2", "other/base:latest"}


async def streams(*there: dict[str, Any], **names: Any) -> tuple[dict[str, Stream], Ledger]:
    ledger = Ledger()
    wanted = imagestreams.Concerned(
        frozenset({("demo", "app"), ("demo", "gone")}), frozenset({("demo", "short")}), frozenset()
    )
    return await imagestreams.read(Api({STREAMS: listed(*there), **names}), wanted, ledger), ledger


async def test_streams_as_they_are() -> None:
    found, _ = await streams(STREAM)
    assert sorted(found) == ["demo/app", "demo/gone"]
    assert not found["demo/gone"].exists
    stream = found["demo/app"]
    assert (stream.lookup_local, stream.repository) == (True, making.INTERNAL)
    v1, v2, pushed = stream.tags
    assert (v1.follows, v1.scheduled, v1.reference_policy) == ("DockerImage quay.io/a/b:v1", True, "Local")
    assert (v1.failure, [each.image for each in v1.items]) == ("not let in", [making.NEW, making.OLD])
    assert v2 == StreamTag("v2")
    assert (pushed.tag, pushed.follows, pushed.failure) == ("pushed", "", "")


async def test_streams_that_may_not_be_read() -> None:
    found, ledger = await streams(**{STREAMS: ApiError(403, "Forbidden", "no streams for you")})
    assert found == {}
    assert [each.what for each in ledger.unseen] == ["image streams in namespace demo"]


@pytest.mark.parametrize(
    ("name", "image"),
    [
        (":v1", RegistryImage("found", making.NEW, via="imagestreamtag demo/app:v1")),
        (":pushed", RegistryImage("found", making.OTHER, via="imagestreamtag demo/app:pushed")),
        (":v2", RegistryImage("no tag", error='imagestreamtags.image.openshift.io "app:v2" not found')),
        (f"@{making.OLD}", RegistryImage("found", making.OLD, via=f"imagestreamimage demo/app@{making.OLD}")),
        (f"@sha256:{'f' * 64}", RegistryImage("no tag", error=f"imagestream demo/app has no image sha256:{'f' * 64} any more")),
    ],
)  # fmt: skip
async def test_what_the_internal_registry_means(name: str, image: RegistryImage) -> None:
    found, _ = await streams(STREAM)
    assert internal.meaning(reference.parse(making.INTERNAL + name), found["demo/app"]) == image


async def test_more_of_an_image_where_digests_differ() -> None:
    """What runs is gone from the stream: it was pruned."""
    name = f"{making.INTERNAL}:v1"
    found, _ = await streams(STREAM)
    question = Question(reference.parse(name), running={Running(making.OTHER, making.INTERNAL)})
    image = {
        "dockerImageMetadata": {"Id": "sha256:config", "Created": "2026-11-20T12:00:00Z"},
        "dockerImageManifests": [{"digest": "sha256:1", "os": "linux", "architecture": "arm64", "variant": "v8"}],
    }
    api = Api({f"{IMAGES}/app@{making.NEW}": {"image": image}})
    answers = await internal.answers(api, {name: question}, found, Ledger())
    assert answers[name].manifests == {"linux/arm64/v8": "sha256:1"}
    assert answers[name].config == "sha256:config"
    assert answers[name].created is not None
    assert answers[f"{making.INTERNAL}@{making.OTHER}"].status == "no tag"


async def test_names_of_the_internal_registry_are_nobody_elses_business() -> None:
    route = "default-route-openshift-image-registry.apps.test/demo/app:v1"
    asked: Questions = {
        name: Question(reference.parse(name))
        for name in (f"{making.INTERNAL}:v1", route, f"{REPOSITORY}/a/b/c:v1", making.TAGGED)
    }
    assert list(internal.taken(asked)) == [f"{making.INTERNAL}:v1", route]
    assert list(asked) == [f"{REPOSITORY}/a/b/c:v1", making.TAGGED]


CONFIG = "/apis/config.openshift.io/v1"
SOURCES = "/apis/operator.openshift.io/v1alpha1/imagecontentsourcepolicies"


async def test_mirror_sets_of_all_three_kinds() -> None:
    digests = {
        "imageDigestMirrors": [{"source": "quay.io", "mirrors": ["m.test"], "mirrorSourcePolicy": "NeverContactSource"}]
    }
    tags = {"imageTagMirrors": [{"source": "r.test/a", "mirrors": ["m.test/a"]}]}
    older = {"repositoryDigestMirrors": [{"source": "old.test", "mirrors": ["m.test/old"]}]}
    rules = await mirrors.read(
        Api(
            {
                f"{CONFIG}/imagedigestmirrorsets": listed({"spec": digests}),
                f"{CONFIG}/imagetagmirrorsets": listed({"spec": tags}),
                SOURCES: listed({"spec": older}),
            }
        ),
        Ledger(),
    )
    assert set(rules.mirrors) == {
        Mirror("quay.io", "m.test", "digest-only"),
        Mirror("old.test", "m.test/old", "digest-only"),
        Mirror("r.test/a", "m.test/a", "tag-only"),
    }
    assert rules.blocked == {"quay.io"}


async def test_a_cluster_without_mirrors_has_nothing_unseen() -> None:
    ledger = Ledger()
    assert (await mirrors.read(Api({}), ledger)).mirrors == ()
    assert ledger.unseen == ()


async def test_mirrors_that_may_not_be_read() -> None:
    ledger = Ledger()
    await mirrors.read(Api({SOURCES: ApiError(403, "Forbidden", "no")}), ledger)
    assert [each.what for each in ledger.unseen] == ["mirrors"]
