"""ImageDigestMirrorSets and ImageTagMirrorSets over the wire."""

import pytest
from tests.apiserver.support import TABLE, Http

from pullscope.kube.api import Object

DIGESTS = "/apis/config.openshift.io/v1/imagedigestmirrorsets"
TAGS = "/apis/config.openshift.io/v1/imagetagmirrorsets"


def digest_set(**entry: object) -> Object:
    return {"metadata": {"name": "x"}, "spec": {"imageDigestMirrors": [entry]}}


async def test_they_are_kept_and_listed(wire: Http) -> None:
    obj = digest_set(source="*.example.com", mirrors=["m.test:5000/a/b_c"], mirrorSourcePolicy="NeverContactSource")
    made = (await wire.send("POST", DIGESTS, {**obj, "status": {"x": 1}})).body
    assert (made["metadata"]["generation"], "status" in made) == (1, False)
    patch: Object = {"spec": {"imageDigestMirrors": []}}
    merge = "application/merge-patch+json"
    assert (await wire.send("PATCH", f"{DIGESTS}/x", patch, content_type=merge)).body["metadata"]["generation"] == 2
    shown = (await wire.send("GET", DIGESTS, accept=TABLE)).body
    assert [column["name"] for column in shown["columnDefinitions"]] == ["Name", "Age"]
    assert [row["cells"][0] for row in shown["rows"]] == ["x"]
    assert (await wire.send("POST", TAGS, {"metadata": {"name": "x"}, "spec": {}})).code == 201
    assert (await wire.send("DELETE", f"{TAGS}/x")).body["status"] == "Success"
    found = (await wire.send("GET", "/apis/config.openshift.io/v1")).body["resources"]
    short = {each["name"]: each.get("shortNames") for each in found}
    assert (short["imagedigestmirrorsets"], short["imagetagmirrorsets"]) == (["idms"], ["itms"])


LIKE = r"((?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])(?:(?:\.(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9]))+)?(?::[0-9]+)?)(?:(?:/[a-z0-9]+(?:(?:(?:[._]|__|[-]*)[a-z0-9]+)+)?)+)?"
SOURCE = r"^\*(?:\.(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9]))+$|^" + LIKE + "$"


@pytest.mark.parametrize(
    ("obj", "words"),
    [
        ({"metadata": {"name": "x"}}, "spec: Required value"),
        (digest_set(mirrors=["m.test"]), "spec.imageDigestMirrors[0].source: Required value"),
        (
            digest_set(source="r.test", mirrorSourcePolicy="Never"),
            (
                'spec.imageDigestMirrors[0].mirrorSourcePolicy: Unsupported value: "Never": '
                'supported values: "NeverContactSource", "AllowContactingSource"'
            ),
        ),
        (
            digest_set(source="https://r.test"),
            (
                'spec.imageDigestMirrors[0].source: Invalid value: "https://r.test": '
                f"spec.imageDigestMirrors[0].source in body should match '{SOURCE}'"
            ),
        ),
        (
            digest_set(source="r.test", mirrors=["*.m.test"]),
            (
                'spec.imageDigestMirrors[0].mirrors[0]: Invalid value: "*.m.test": '
                f"spec.imageDigestMirrors[0].mirrors[0] in body should match '^{LIKE}$'"
            ),
        ),
        (
            digest_set(source="r.test", mirrors=["m.test", "m.test"]),
            'spec.imageDigestMirrors[0].mirrors[1]: Duplicate value: "m.test"',
        ),
        (
            digest_set(source="r.test/" + "a" * 50_000 + "!"),
            "",  # upstream's expression would take for ever in Python
        ),
    ],
)
async def test_what_is_refused(wire: Http, obj: Object, words: str) -> None:
    refused = await wire.send("POST", DIGESTS, obj)
    assert refused.code == 422
    assert refused.body["message"].startswith(f'ImageDigestMirrorSet.config.openshift.io "x" is invalid: {words}')
