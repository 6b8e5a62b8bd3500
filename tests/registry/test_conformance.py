"""The distribution spec's four workflows as tables: pull, push, content discovery, content management.

Follows the conformance suite of distribution-spec v1.1 request by request. `{at}` in a path is the `Location` of the
last answer that had one. A wanted header is a pattern that must match the whole value.
"""

import io
import json
import re
from dataclasses import dataclass, field
from typing import Any

import pytest
from tests.registry.serving import Served

from pullscope.oci import media
from pullscope.oci.digest import Digest
from pullscope.oci.documents import Descriptor, Index, Manifest

CONFIG = b'{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[]}}'
LAYER = b"a layer" * 1000
CHUNKS = (b"chunk one, ", b"and chunk two")
WHOLE = b"".join(CHUNKS)
EMPTY = b"{}"
MANIFEST = Manifest.of(Descriptor.of(media.OCI_CONFIG, CONFIG), [Descriptor.of(media.OCI_LAYER_GZIP, LAYER)])
INDEX = Index.of([MANIFEST.descriptor])
SBOM = Manifest.of(
    Descriptor.of("application/vnd.oci.empty.v1+json", EMPTY),
    [],
    artifact_type="application/x-sbom",
    subject=MANIFEST.descriptor,
)
SIGNATURE = Manifest.of(
    Descriptor.of("application/x-signature", EMPTY), [], subject=MANIFEST.descriptor, annotations={"by": "me"}
)
NOWHERE = Digest.of(b"nobody pushed this")
SHA512 = Digest.of(LAYER, algorithm="sha512")

REPO = "/v2/team/app"
UPLOADS = f"{REPO}/blobs/uploads/"
OCI = {"Accept": ", ".join(media.ACCEPT)}
LOCATION = {"Location": rf"{UPLOADS}\w+"}


@dataclass(frozen=True)
class Row:
    """One request and what it must bring. `error` is the spec's code in the answer's body."""

    id: str
    method: str
    path: str
    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    wanted: dict[str, str] = field(default_factory=dict)
    answer: Any = None
    error: str = ""


def push(data: bytes) -> Row:
    path = f"{UPLOADS}?digest={Digest.of(data)}"
    return Row("push a blob", "POST", path, 201, body=data, wanted={"Location": rf"{REPO}/blobs/{Digest.of(data)}"})


def put(name: str, document: Manifest | Index, **more: Any) -> Row:
    headers = {"Content-Type": document.media_type}
    return Row(f"put {name}", "PUT", f"{REPO}/manifests/{name}", 201, headers, document.raw, **more)


SETUP = [push(CONFIG), push(LAYER), put("v1", MANIFEST)]

BLOB = {
    "Content-Length": str(len(LAYER)),
    "Docker-Content-Digest": str(Digest.of(LAYER)),
    "Content-Type": "application/octet-stream",
    "Accept-Ranges": "bytes",
}
SHOWN = {
    "Content-Type": media.OCI_MANIFEST.replace("+", r"\+"),
    "Content-Length": str(len(MANIFEST.raw)),
    "Docker-Content-Digest": str(MANIFEST.digest),
    "ETag": f'"{MANIFEST.digest}"',
}
LAYER_URL = f"{REPO}/blobs/{Digest.of(LAYER)}"

PULL = [
    Row("this is a registry", "GET", "/v2/", 200, wanted={"Docker-Distribution-API-Version": "registry/2.0"}, answer={}),
    Row("without the slash", "GET", "/v2", 301, wanted={"Location": "/v2/"}),
    *SETUP,
    Row("head a blob", "HEAD", LAYER_URL, 200, wanted=BLOB),
    Row("get a blob", "GET", LAYER_URL, 200, wanted=BLOB, answer=LAYER),
    Row("an encoded colon", "GET", LAYER_URL.replace(":", "%3A"), 200, answer=LAYER),
    Row("head no blob", "HEAD", f"{REPO}/blobs/{NOWHERE}", 404),
    Row("get no blob", "GET", f"{REPO}/blobs/{NOWHERE}", 404, error="BLOB_UNKNOWN"),
    Row("a part", "GET", LAYER_URL, 206, {"Range": "bytes=7-13"}, wanted={"Content-Range": "bytes 7-13/7000"}, answer=b"a layer"),
    Row("the end", "GET", LAYER_URL, 206, {"Range": "bytes=-5"}, wanted={"Content-Range": "bytes 6995-6999/7000"}, answer=b"layer"),
    Row("from", "GET", LAYER_URL, 206, {"Range": "bytes=6995-"}, wanted={"Content-Length": "5"}, answer=b"layer"),
    Row("beyond", "GET", LAYER_URL, 206, {"Range": "bytes=6995-9999"}, wanted={"Content-Range": "bytes 6995-6999/7000"}),
    Row("outside", "GET", LAYER_URL, 416, {"Range": "bytes=7000-"}, wanted={"Content-Range": r"bytes \*/7000"}, error="RANGE_INVALID"),
    Row("several ranges", "GET", LAYER_URL, 200, {"Range": "bytes=0-1,5-6"}, answer=LAYER),
    Row("no range", "GET", LAYER_URL, 200, {"Range": "pages=1-2"}, answer=LAYER),
    Row("head of a part", "HEAD", LAYER_URL, 206, {"Range": "bytes=0-9"}, wanted={"Content-Length": "10"}),
    Row("still this", "GET", LAYER_URL, 206, {"Range": "bytes=0-0", "If-Range": f'"{Digest.of(LAYER)}"'}, answer=b"a"),
    Row("other than this", "GET", LAYER_URL, 200, {"Range": "bytes=0-0", "If-Range": '"other"'}, answer=LAYER),
    Row("a known blob", "GET", LAYER_URL, 304, {"If-None-Match": f'"{Digest.of(LAYER)}"'}, answer=b""),
    Row("head a tag", "HEAD", f"{REPO}/manifests/v1", 200, OCI, wanted=SHOWN),
    Row("get a tag", "GET", f"{REPO}/manifests/v1", 200, OCI, wanted=SHOWN, answer=MANIFEST.raw),
    Row("get by digest", "GET", f"{REPO}/manifests/{MANIFEST.digest}", 200, OCI, wanted=SHOWN, answer=MANIFEST.raw),
    Row("a known manifest", "GET", f"{REPO}/manifests/v1", 304, OCI | {"If-None-Match": f'"{MANIFEST.digest}"'}, answer=b""),
    Row("head no tag", "HEAD", f"{REPO}/manifests/v2", 404, OCI),
    Row("get no tag", "GET", f"{REPO}/manifests/.INVALID_MANIFEST_NAME", 404, OCI, error="MANIFEST_UNKNOWN"),
    Row("get no digest", "GET", f"{REPO}/manifests/{NOWHERE}", 404, OCI, error="MANIFEST_UNKNOWN"),
    Row("get half a digest", "GET", f"{REPO}/manifests/sha256:totallywrong", 404, OCI, error="MANIFEST_UNKNOWN"),
    Row("get no repository", "GET", "/v2/never/was/manifests/v1", 404, OCI, error="MANIFEST_UNKNOWN"),
    Row("not accepted", "GET", f"{REPO}/manifests/v1", 404, {"Accept": media.DOCKER_MANIFEST}, error="MANIFEST_UNKNOWN"),
]  # fmt: skip

PUSH = [
    push(CONFIG),
    push(b""),
    Row("post with a wrong digest", "POST", f"{UPLOADS}?digest={NOWHERE}", 400, body=b"x", error="DIGEST_INVALID"),
    Row("post with no digest", "POST", f"{UPLOADS}?digest=sha256:xyz", 400, body=b"x", error="DIGEST_INVALID"),
    Row("post", "POST", UPLOADS, 202, wanted=LOCATION | {"Range": "0-0", "Docker-Upload-UUID": r"\w+"}),
    Row("put all", "PUT", f"{{at}}?digest={Digest.of(LAYER)}", 201, body=LAYER, wanted={"Location": LAYER_URL, "Docker-Content-Digest": str(Digest.of(LAYER))}),
    Row("it is there", "GET", LAYER_URL, 200, answer=LAYER),
    Row("the upload is over", "GET", "{upload}", 404, error="BLOB_UPLOAD_UNKNOWN"),
    Row("post for chunks", "POST", UPLOADS, 202, wanted=LOCATION),
    Row("out of order", "PATCH", "{at}", 416, {"Content-Range": "11-23"}, CHUNKS[1], wanted=LOCATION | {"Range": "0-0"}, error="RANGE_INVALID"),
    Row("first chunk", "PATCH", "{at}", 202, {"Content-Range": "0-10"}, CHUNKS[0], wanted=LOCATION | {"Range": "0-10"}),
    Row("first chunk again", "PATCH", "{at}", 416, {"Content-Range": "0-10"}, CHUNKS[0], wanted=LOCATION | {"Range": "0-10"}),
    Row("how far", "GET", "{at}", 204, wanted=LOCATION | {"Range": "0-10"}),
    Row("not a range", "PATCH", "{at}", 400, {"Content-Range": "ten-twenty"}, b"x", error="BLOB_UPLOAD_INVALID"),
    Row("another length", "PATCH", "{at}", 400, {"Content-Range": "11-12"}, CHUNKS[1], error="SIZE_INVALID"),
    Row("put without digest", "PUT", "{at}", 400, error="DIGEST_INVALID"),
    Row("last chunk in the put", "PUT", f"{{at}}?digest={Digest.of(WHOLE)}", 201, {"Content-Range": "11-23"}, CHUNKS[1]),
    Row("it is whole", "GET", f"{REPO}/blobs/{Digest.of(WHOLE)}", 200, answer=WHOLE),
    Row("post to stream", "POST", UPLOADS, 202),
    Row("stream", "PATCH", "{at}", 202, body=LAYER, wanted={"Range": "0-6999"}),
    Row("sha512", "PUT", f"{{at}}?digest={SHA512}", 201),
    Row("by sha512", "GET", f"{REPO}/blobs/{SHA512}", 200, wanted={"Docker-Content-Digest": str(SHA512)}, answer=LAYER),
    Row("post to cancel", "POST", UPLOADS, 202),
    Row("elsewhere it is unknown", "GET", "{elsewhere}", 404, error="BLOB_UPLOAD_UNKNOWN"),
    Row("cancel", "DELETE", "{at}", 204),
    Row("cancelled", "PATCH", "{at}", 404, body=b"x", error="BLOB_UPLOAD_UNKNOWN"),
    Row("post to fail", "POST", UPLOADS, 202),
    Row("put what it is not", "PUT", f"{{at}}?digest={NOWHERE}", 400, body=b"x", error="DIGEST_INVALID"),
    Row("that upload is gone", "GET", "{at}", 404, error="BLOB_UPLOAD_UNKNOWN"),
    Row("mount", "POST", f"/v2/other/blobs/uploads/?mount={Digest.of(LAYER)}&from=team/app", 201, wanted={"Location": f"/v2/other/blobs/{Digest.of(LAYER)}"}),
    Row("mounted", "HEAD", f"/v2/other/blobs/{Digest.of(LAYER)}", 200),
    Row("not seen without", "HEAD", f"/v2/other/blobs/{Digest.of(CONFIG)}", 404),
    Row("mount nothing", "POST", f"/v2/other/blobs/uploads/?mount={NOWHERE}&from=team/app", 202, wanted={"Location": r"/v2/other/blobs/uploads/\w+"}),
    Row("mount from nowhere", "POST", f"/v2/other/blobs/uploads/?mount={Digest.of(CONFIG)}&from=BAD/../", 202),
    Row("mount without from", "POST", f"/v2/other/blobs/uploads/?mount={Digest.of(CONFIG)}", 202),
    put("v1", MANIFEST, wanted={"Location": f"{REPO}/manifests/{MANIFEST.digest}", "Docker-Content-Digest": str(MANIFEST.digest)}),
    put(str(MANIFEST.digest), MANIFEST),
    put(str(Digest.of(MANIFEST.raw, algorithm="sha512")), MANIFEST),
    Row("by sha512", "GET", f"{REPO}/manifests/{Digest.of(MANIFEST.raw, algorithm='sha512')}", 200, OCI, answer=MANIFEST.raw),
    put("multi", INDEX),
    Row("no content type", "PUT", f"{REPO}/manifests/v2", 201, body=MANIFEST.raw),
    Row("docker's own", "PUT", f"{REPO}/manifests/d", 201, {"Content-Type": media.DOCKER_MANIFEST}, Manifest.of(MANIFEST.config, MANIFEST.layers, media_type=media.DOCKER_MANIFEST).raw),
    Row("put not that digest", "PUT", f"{REPO}/manifests/{NOWHERE}", 400, body=MANIFEST.raw, error="DIGEST_INVALID"),
    Row("put no digest", "PUT", f"{REPO}/manifests/sha256:abc", 400, body=MANIFEST.raw, error="DIGEST_INVALID"),
    Row("put a bad tag", "PUT", f"{REPO}/manifests/.hidden", 400, body=MANIFEST.raw, error="TAG_INVALID"),
    Row("not json", "PUT", f"{REPO}/manifests/bad", 400, {"Content-Type": media.OCI_MANIFEST}, b"blablabla", error="MANIFEST_INVALID"),
    Row("another type", "PUT", f"{REPO}/manifests/bad", 400, {"Content-Type": media.OCI_INDEX}, MANIFEST.raw, error="MANIFEST_INVALID"),
    Row("schema 1", "PUT", f"{REPO}/manifests/bad", 400, {"Content-Type": "application/json"}, b"{}", error="MANIFEST_INVALID"),
    Row("blobs missing", "PUT", "/v2/empty/manifests/v1", 400, {"Content-Type": media.OCI_MANIFEST}, MANIFEST.raw, error="MANIFEST_BLOB_UNKNOWN"),
    Row("manifests missing", "PUT", "/v2/empty/manifests/v1", 400, {"Content-Type": media.OCI_INDEX}, INDEX.raw, error="MANIFEST_BLOB_UNKNOWN"),
    Row("nothing came of it", "GET", "/v2/empty/tags/list", 404, error="NAME_UNKNOWN"),
    Row("too large", "PUT", f"{REPO}/manifests/big", 413, body=b" " * (4 << 20) + MANIFEST.raw, error="MANIFEST_INVALID"),
    Row("not a method", "POST", f"{REPO}/manifests/v1", 405, wanted={"Allow": "GET, HEAD, PUT, DELETE"}, error="UNSUPPORTED"),
]  # fmt: skip

DISCOVERY = [
    *SETUP,
    *(put(tag, MANIFEST) for tag in ("test0", "TEST1", "_2")),
    Row("tags", "GET", f"{REPO}/tags/list", 200, answer={"name": "team/app", "tags": ["TEST1", "_2", "test0", "v1"]}),
    Row("first page", "GET", f"{REPO}/tags/list?n=3", 200, answer={"name": "team/app", "tags": ["TEST1", "_2", "test0"]}, wanted={"Link": rf'<{REPO}/tags/list\?n=3&last=test0>; rel="next"'}),
    Row("next page", "GET", f"{REPO}/tags/list?n=3&last=test0", 200, answer={"name": "team/app", "tags": ["v1"]}),
    Row("last alone", "GET", f"{REPO}/tags/list?last=_2", 200, answer={"name": "team/app", "tags": ["test0", "v1"]}),
    Row("a page of nothing", "GET", f"{REPO}/tags/list?n=0", 200, answer={"name": "team/app", "tags": []}),
    Row("exactly all", "GET", f"{REPO}/tags/list?n=4", 200, answer={"name": "team/app", "tags": ["TEST1", "_2", "test0", "v1"]}),
    Row("a bad number", "GET", f"{REPO}/tags/list?n=-1", 400, error="PAGINATION_NUMBER_INVALID"),
    Row("no repository", "GET", "/v2/never/was/tags/list", 404, error="NAME_UNKNOWN"),
    Row("a bad name", "GET", "/v2/Never/tags/list", 400, error="NAME_INVALID"),
    Row("a second repository", "POST", f"/v2/alpha/blobs/uploads/?digest={Digest.of(b'x')}", 201, body=b"x"),
    Row("repositories", "GET", "/v2/_catalog", 200, answer={"repositories": ["alpha", "team/app"]}),
    Row("one repository", "GET", "/v2/_catalog?n=1", 200, answer={"repositories": ["alpha"]}, wanted={"Link": r'</v2/_catalog\?n=1&last=alpha>; rel="next"'}),
    Row("the next", "GET", "/v2/_catalog?n=1&last=alpha", 200, answer={"repositories": ["team/app"]}),
    push(EMPTY),
    Row("nobody refers", "GET", f"{REPO}/referrers/{MANIFEST.digest}", 200, answer={"schemaVersion": 2, "mediaType": media.OCI_INDEX, "manifests": []}, wanted={"Content-Type": media.OCI_INDEX.replace("+", r"\+")}),
    put(str(SBOM.digest), SBOM, wanted={"OCI-Subject": str(MANIFEST.digest)}),
    put("signed", SIGNATURE, wanted={"OCI-Subject": str(MANIFEST.digest)}),
    Row("both refer", "GET", f"{REPO}/referrers/{MANIFEST.digest}", 200, answer=[SBOM, SIGNATURE]),
    Row("of one type", "GET", f"{REPO}/referrers/{MANIFEST.digest}?artifactType=application/x-signature", 200, answer=[SIGNATURE], wanted={"OCI-Filters-Applied": "artifactType"}),
    Row("of no type", "GET", f"{REPO}/referrers/{MANIFEST.digest}?artifactType=a/b", 200, answer=[], wanted={"OCI-Filters-Applied": "artifactType"}),
    Row("one at a time", "GET", f"{REPO}/referrers/{MANIFEST.digest}?n=1", 200, answer=sorted([SBOM, SIGNATURE], key=lambda m: m.digest)[:1], wanted={"Link": r'<.*>; rel="next"'}),
    Row("to what is not there", "GET", f"{REPO}/referrers/{NOWHERE}", 200, answer=[]),
    Row("in no repository", "GET", f"/v2/never/was/referrers/{NOWHERE}", 200, answer=[]),
    Row("to no digest", "GET", f"{REPO}/referrers/v1", 400, error="DIGEST_INVALID"),
]  # fmt: skip

MANAGEMENT = [
    *SETUP,
    put("v2", MANIFEST),
    push(EMPTY),
    put("sbom", SBOM),
    Row("delete a tag", "DELETE", f"{REPO}/manifests/v2", 202),
    Row("that tag is gone", "GET", f"{REPO}/manifests/v2", 404, OCI, error="MANIFEST_UNKNOWN"),
    Row("the manifest is not", "GET", f"{REPO}/manifests/{MANIFEST.digest}", 200, OCI),
    Row("delete it again", "DELETE", f"{REPO}/manifests/v2", 404, error="MANIFEST_UNKNOWN"),
    Row("delete the manifest", "DELETE", f"{REPO}/manifests/{MANIFEST.digest}", 202),
    Row("gone by digest", "GET", f"{REPO}/manifests/{MANIFEST.digest}", 404, OCI, error="MANIFEST_UNKNOWN"),
    Row("and by tag", "GET", f"{REPO}/manifests/v1", 404, OCI, error="MANIFEST_UNKNOWN"),
    Row("and twice", "DELETE", f"{REPO}/manifests/{MANIFEST.digest}", 404, error="MANIFEST_UNKNOWN"),
    Row("its referrer stays", "GET", f"{REPO}/referrers/{MANIFEST.digest}", 200, answer=[SBOM]),
    Row("until deleted", "DELETE", f"{REPO}/manifests/{SBOM.digest}", 202),
    Row("then not", "GET", f"{REPO}/referrers/{MANIFEST.digest}", 200, answer=[]),
    Row("no tags are left", "GET", f"{REPO}/tags/list", 200, answer={"name": "team/app", "tags": []}),
    Row("mount it", "POST", f"/v2/other/blobs/uploads/?mount={Digest.of(LAYER)}&from=team/app", 201),
    Row("delete a blob", "DELETE", LAYER_URL, 202),
    Row("gone", "HEAD", LAYER_URL, 404),
    Row("and twice", "DELETE", LAYER_URL, 404, error="BLOB_UNKNOWN"),
    Row("not from the other", "GET", f"/v2/other/blobs/{Digest.of(LAYER)}", 200, answer=LAYER),
    Row("nor back by mounting", "POST", f"{UPLOADS}?mount={Digest.of(LAYER)}&from=team/app", 202),
    Row("the manifest cannot return", "PUT", f"{REPO}/manifests/v1", 400, body=MANIFEST.raw, error="MANIFEST_BLOB_UNKNOWN"),
    push(LAYER),
    put("v1", MANIFEST),
]  # fmt: skip

WORKFLOWS = {"pull": PULL, "push": PUSH, "discovery": DISCOVERY, "management": MANAGEMENT}


@pytest.mark.parametrize("workflow", WORKFLOWS)
async def test_workflow(served: Served, workflow: str) -> None:
    at = upload = ""
    for row in WORKFLOWS[workflow]:
        elsewhere = upload.replace("team/app", "other")
        path = row.path.format(at=at, upload=upload, elsewhere=elsewhere)
        async with served.request(
            row.method, path, data=io.BytesIO(row.body) if row.body else None, headers=row.headers
        ) as response:
            body = await response.read()
            at = response.headers.get("Location", at)
            upload = at if "/uploads/" in at else upload
        _judge(row, response.status, dict(response.headers), body)


def _judge(row: Row, status: int, headers: dict[str, str], body: bytes) -> None:
    got = f"{row.id}: {status} {headers} {body[:300]!r}"
    assert status == row.status, got
    if "Link" not in row.wanted:
        assert "Link" not in headers, got
    for name, pattern in row.wanted.items():
        found = {key.lower(): value for key, value in headers.items()}.get(name.lower(), "")
        assert re.fullmatch(pattern, found), f"{got}: {name} is {found!r}"
    if row.error:
        assert [error["code"] for error in json.loads(body)["errors"]] == [row.error], got
        assert headers["Content-Type"].startswith("application/json"), got
    match row.answer:
        case bytes():
            assert body == row.answer, got
        case list():
            _judge_referrers(row.answer, json.loads(body)["manifests"])
        case dict():
            assert json.loads(body) == row.answer, got


def _judge_referrers(wanted: list[Manifest], found: list[dict[str, Any]]) -> None:
    assert {entry["digest"] for entry in found} == {str(document.digest) for document in wanted}
    for entry in found:
        document = next(document for document in wanted if str(document.digest) == entry["digest"])
        assert entry["artifactType"] == document.kind
        assert entry["size"] == len(document.raw)
        assert entry.get("annotations", {}) == document.annotations
