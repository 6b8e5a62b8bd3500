"""What a pruning takes away, and what keeps it from that."""

from datetime import UTC, datetime
from typing import Any

import pytest

from pullscope.oci import media
from pullscope.oci.digest import Digest
from pullscope.openshift import names, pruning, usage
from pullscope.openshift.pruning import Keep, PrunedImage
from pullscope.openshift.streams import TagName
from pullscope.openshift.usage import BadReferencesError, ImageName, Used

OLD, SINCE, YOUNG = "2026-01-01T00:00:00Z", datetime(2026, 1, 1, 1, tzinfo=UTC), "2026-01-01T02:00:00Z"
KEEP, NOBODY = Keep(SINCE, 1), Used(frozenset(), frozenset())
HOST = names.INTERNAL_REGISTRY
A, B, C = (str(Digest.of(letter)) for letter in (b"a", b"b", b"c"))


def image(name: str, *layers: str, created: str = OLD, managed: bool = True, parts: tuple[str, ...] = ()) -> Any:
    annotations = {names.MANAGED_IMAGE: "true"} if managed else {}
    return {
        "metadata": {"name": name, "creationTimestamp": created, "annotations": annotations},
        "dockerImageMetadata": {"Id": f"config of {name}"},
        "dockerImageManifestMediaType": media.OCI_INDEX if parts else media.OCI_MANIFEST,
        "dockerImageLayers": [{"name": layer} for layer in layers],
        "dockerImageManifests": [{"digest": part} for part in parts],
    }


def stream(created: str = OLD, name: str = "app", **tags: list[str]) -> Any:
    """A stream whose tags have had these images, newest first."""
    found = [
        {"tag": tag, "items": [{"image": each, "created": OLD} for each in images]} for tag, images in tags.items()
    ]
    return {
        "metadata": {"name": name, "namespace": "demo", "creationTimestamp": created},
        "status": {"tags": found},
    }


IMAGES = {A: image(A, "base", "only a"), B: image(B, "base", "only b"), C: image(C, "base")}


def left(obj: Any) -> dict[str, list[str]]:
    return {entry["tag"]: [item["image"] for item in entry["items"]] for entry in obj["status"]["tags"]}


def test_older_revisions_go_with_what_they_alone_have() -> None:
    found = stream(v1=[A, B, C])
    pruned = pruning.stream(found, IMAGES, NOBODY, KEEP)
    assert pruned is not None
    assert left(pruned.stream) == {"v1": [A]}
    assert (pruned.items, pruned.manifests) == (2, (B, C))
    assert pruned.layers == ("only b", f"config of {B}", f"config of {C}")
    assert left(found) == {"v1": [A, B, C]}


def test_another_tag_keeps_the_content() -> None:
    pruned = pruning.stream(stream(v1=[A, B], v2=[B]), IMAGES, NOBODY, KEEP)
    assert pruned is not None
    assert (pruned.items, pruned.manifests, pruned.layers) == (1, (), ())


@pytest.mark.parametrize(
    ("used", "expected"),
    [
        (Used(frozenset({TagName("demo", "app", "v1")}), frozenset()), {"v1": [A]}),
        (Used(frozenset(), frozenset({ImageName("demo", "app", B)})), {"v1": [B]}),
        (Used(frozenset(), frozenset({ImageName("other", "app", B)})), {}),
    ],
)
def test_what_is_used_stays(used: Used, expected: dict[str, list[str]]) -> None:
    pruned = pruning.stream(stream(v1=[A, B, C]), IMAGES, used, Keep(SINCE, 0))
    assert pruned is not None
    assert left(pruned.stream) == expected


def test_what_is_young_stays() -> None:
    assert pruning.stream(stream(YOUNG, v1=[A, B]), IMAGES, NOBODY, KEEP) is None
    found = stream(v1=[A, B])
    found["status"]["tags"][0]["items"][1]["created"] = YOUNG
    assert pruning.stream(found, IMAGES, NOBODY, KEEP) is None


def test_items_whose_image_is_gone_go() -> None:
    pruned = pruning.stream(stream(v1=["sha256:gone"], v2=[A]), IMAGES, NOBODY, Keep(SINCE, 3))
    assert pruned is not None
    assert (left(pruned.stream), pruned.items, pruned.layers, pruned.manifests) == ({"v2": [A]}, 1, (), ())


def test_images_that_no_stream_has_go_with_their_blobs() -> None:
    gone = pruning.unneeded(IMAGES, [stream(v1=[A])], KEEP)
    assert sorted(gone, key=lambda each: each.name) == sorted(
        [PrunedImage(B, ("only b", f"config of {B}", B)), PrunedImage(C, (f"config of {C}", C))],
        key=lambda each: each.name,
    )
    everything = pruning.unneeded(IMAGES, [], KEEP)
    assert sorted(blob for each in everything for blob in each.blobs).count("base") == 1


def test_images_that_stay() -> None:
    images = {
        A: image(A, parts=(B,)),
        B: image(B),
        C: image(C, created=YOUNG),
        "d": image("d", managed=False),
    }
    assert [each.name for each in pruning.unneeded(images, [stream(v1=[A])], KEEP)] == ["d"]
    assert pruning.unneeded(images, [stream(v1=[A])], Keep(SINCE, imported=False)) == []


# ------------------------------------------------------------------------------------------------ who uses what


def pod(image: str, kind: str = "Pod", **fields: Any) -> Any:
    spec: Any = {"containers": [{"name": "app", "image": image}]}
    if kind == "CronJob":
        spec = {"jobTemplate": {"spec": {"template": {"spec": spec}}}}
    elif kind != "Pod":
        spec = {"template": {"spec": spec}}
    metadata = {"name": "x", "namespace": "demo", "creationTimestamp": OLD}
    return {"kind": kind, "metadata": metadata, "spec": spec, "status": {"phase": "Running"}, **fields}


def build(kind: str, name: str, **source: Any) -> Any:
    strategy = {"dockerStrategy": {"from": {"kind": kind, "name": name, **source}}}
    return {"kind": "BuildConfig", "metadata": {"name": "x", "namespace": "demo"}, "spec": {"strategy": strategy}}


@pytest.mark.parametrize(
    ("obj", "expected"),
    [
        (pod(f"{HOST}/demo/app:v1"), TagName("demo", "app", "v1")),
        (pod("127.0.0.1:5001/demo/app", "Deployment"), TagName("demo", "app", "latest")),
        (pod(f"{HOST}/demo/app@{A}", "ReplicaSet"), ImageName("demo", "app", A)),
        (pod(f"{HOST}/demo/app:v1@{A}", "CronJob"), ImageName("demo", "app", A)),
        (pod("busybox"), None),
        (pod("demo/app:v1"), None),
        (pod("docker.io/demo/app:v1"), TagName("demo", "app", "v1")),
        (pod("quay.io/a/b/c:v1"), None),
        (pod(" ", "Deployment"), None),
        (pod(f"{HOST}/demo/app:v1", status={"phase": "Succeeded"}), None),
        (build("ImageStreamTag", "app:v1"), TagName("demo", "app", "v1")),
        (build("ImageStreamTag", "app:v1", namespace="other"), TagName("other", "app", "v1")),
        (build("ImageStreamImage", f"app@{A}"), ImageName("demo", "app", A)),
        (build("DockerImage", f"{HOST}/demo/app@{A}"), ImageName("demo", "app", A)),
    ],
)
def test_who_uses_what(obj: Any, expected: TagName | ImageName | None) -> None:
    found = usage.used([obj], SINCE)
    assert {*found.tags, *found.images} == ({expected} if expected else set())


def test_references_that_cannot_be_understood() -> None:
    objects = [pod("a b"), build("ImageStreamTag", "app"), build("ImageStreamImage", "app")]
    with pytest.raises(BadReferencesError) as raised:
        usage.used(objects, SINCE)
    assert raised.value.lines == [
        'pod/x namespace=demo: container app: invalid image reference "a b": invalid reference format',
        (
            'buildconfig/x namespace=demo: invalid ImageStreamTag reference "app": '
            'expected exactly one : delimiter in the istag "app"'
        ),
        (
            'buildconfig/x namespace=demo: invalid ImageStreamImage reference "app": '
            'expected exactly one @ in the isimage name "app"'
        ),
    ]
