"""Lists piece by piece, as of a revision, and the versions that lists, gets and watches may ask for."""

import base64
import contextlib
import json
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.apiserver.support import DEPLOYMENTS, PODS, TABLE, Http, pod

from pullscope.apiserver import paging
from pullscope.kube import resources
from pullscope.kube.api import Api
from pullscope.kube.status import ApiError

ALL_PODS = "/api/v1/pods"


async def refused(wire: Http, path: str) -> tuple[int, str, str]:
    answer = await wire.send("GET", path)
    assert answer.body["kind"] == "Status", answer.body
    return answer.code, answer.body["reason"], answer.body["message"]


async def piece(wire: Http, path: str) -> tuple[list[str], dict[str, Any]]:
    """The names in a list, and its metadata."""
    answer = await wire.send("GET", path)
    assert answer.code == 200, answer.body
    return [item["metadata"]["name"] for item in answer.body["items"]], answer.body["metadata"]


@pytest.fixture
async def pods(api: Api) -> str:
    """Five pods in two namespaces; the revision after them."""
    for namespace, name in [("demo", "a"), ("demo", "b"), ("default", "c"), ("demo", "d"), ("demo", "e")]:
        await api.create(resources.PODS, namespace, pod(name))
    return (await api.list(resources.PODS)).resource_version


async def test_a_list_in_pieces(wire: Http, pods: str) -> None:
    names, meta = await piece(wire, f"{PODS}?limit=3")
    assert (names, meta["remainingItemCount"], meta["resourceVersion"]) == (["a", "b", "d"], 1, pods)
    token = json.loads(base64.urlsafe_b64decode(meta["continue"] + "=="))
    assert token == {"v": "meta.k8s.io/v1", "rv": int(pods), "start": "d\0"}
    names, meta = await piece(wire, f"{PODS}?limit=3&continue={meta['continue']}")
    assert (names, meta) == (["e"], {"resourceVersion": pods})


async def test_a_list_in_pieces_over_all_namespaces(wire: Http, pods: str) -> None:
    found, path = [], f"{ALL_PODS}?limit=2"
    while True:
        names, meta = await piece(wire, path)
        found.append(names)
        if "continue" not in meta:
            break
        path = f"{ALL_PODS}?limit=2&continue={meta['continue']}"
    assert found == [["c", "a"], ["b", "d"], ["e"]]


async def test_the_pieces_are_of_one_moment(wire: Http, api: Api, pods: str) -> None:
    _, meta = await piece(wire, f"{PODS}?limit=1")
    await api.delete(resources.PODS, "demo", "b")
    await api.create(resources.PODS, "demo", pod("c"))
    names, meta = await piece(wire, f"{PODS}?continue={meta['continue']}")
    assert (names, meta["resourceVersion"]) == (["b", "d", "e"], pods)


async def test_with_selectors_nobody_counts_what_remains(wire: Http, pods: str) -> None:
    names, meta = await piece(wire, f"{PODS}?limit=1&fieldSelector=metadata.name%21%3Db")
    assert names == ["a"]
    assert "remainingItemCount" not in meta
    names, _ = await piece(wire, f"{PODS}?fieldSelector=metadata.name%21%3Db&continue={meta['continue']}")
    assert names == ["d", "e"]


async def test_tables_have_pieces_too(wire: Http, pods: str) -> None:
    answer = await wire.send("GET", f"{PODS}?limit=3", accept=TABLE)
    assert [row["cells"][0] for row in answer.body["rows"]] == ["a", "b", "d"]
    assert answer.body["metadata"].keys() == {"resourceVersion", "continue", "remainingItemCount"}
    assert answer.body["columnDefinitions"][0]["name"] == "Name"


async def test_a_limit_that_is_enough_says_nothing(wire: Http, pods: str) -> None:
    for query in ("limit=4", "limit=0", "limit=-1", "limit=500&continue="):
        assert await piece(wire, f"{PODS}?{query}") == (["a", "b", "d", "e"], {"resourceVersion": pods})


async def _forget(api: Api) -> None:
    """More changes than the history keeps."""
    for number in range(70):
        await api.patch(resources.NAMESPACES, None, "default", {"metadata": {"labels": {"n": str(number)}}})


async def test_a_token_that_is_too_old_gets_another(wire: Http, api: Api, pods: str) -> None:
    _, meta = await piece(wire, f"{PODS}?limit=2")
    await api.create(resources.PODS, "demo", pod("c"))
    await _forget(api)
    answer = await wire.send("GET", f"{PODS}?limit=2&continue={meta['continue']}")
    assert (answer.code, answer.body["reason"]) == (410, "Expired")
    assert answer.body["message"].startswith(
        "The provided continue parameter is too old to display a consistent list result."
    )
    names, meta = await piece(wire, f"{PODS}?limit=2&continue={answer.body['metadata']['continue']}")
    assert names == ["c", "d"], "from there on, as it is now"
    assert (await piece(wire, f"{PODS}?continue={meta['continue']}"))[0] == ["e"]


async def test_lists_of_a_revision(wire: Http, api: Api, pods: str) -> None:
    await api.delete(resources.PODS, "demo", "a")
    then = f"resourceVersion={int(pods) - 1}"
    assert (await piece(wire, f"{PODS}?{then}&resourceVersionMatch=Exact"))[0] == ["a", "b", "d"]
    names, meta = await piece(wire, f"{PODS}?{then}&limit=2")
    assert (names, meta["resourceVersion"]) == (["a", "b"], str(int(pods) - 1))
    assert (await piece(wire, f"{PODS}?{then}"))[0] == ["b", "d", "e"], "not older than: the newest will do"
    assert (await piece(wire, f"{PODS}?{then}&resourceVersionMatch=NotOlderThan&limit=1"))[0] == ["b"]
    assert (await piece(wire, f"{PODS}?resourceVersion=0&limit=1"))[0] == ["b", "d", "e"], "any: no limit"
    await _forget(api)
    assert await refused(wire, f"{PODS}?{then}&resourceVersionMatch=Exact") == (
        410,
        "Expired",
        "The resourceVersion for the provided list is too old.",
    )


def _token(**fields: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(fields).encode()).rstrip(b"=").decode()


LIST_OPTIONS = 'ListOptions.meta.k8s.io "" is invalid: '
KEY = "invalid continue token: continue key is not valid: "
REFUSED = [
    ("limit=x", 400, 'strconv.ParseInt: parsing "x": invalid syntax'),
    (
        "resourceVersion=x",
        400,
        'invalid resource version: resourceVersion: Invalid value: "x": strconv.ParseUint: parsing "x": invalid syntax',
    ),
    ("resourceVersion=-1", 400, None),
    ("resourceVersion=99999999999999999999", 400, None),
    ("resourceVersion=" + "9" * 5000, 400, None),
    ("resourceVersion=99", 504, "Timeout: Too large resource version: 99, current: 10"),
    ("resourceVersion=99&resourceVersionMatch=Exact", 504, "Timeout: Too large resource version: 99, current: 10"),
    (
        "resourceVersionMatch=Exact",
        422,
        LIST_OPTIONS
        + "resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided",
    ),
    (
        "resourceVersion=0&resourceVersionMatch=Exact",
        422,
        LIST_OPTIONS
        + 'resourceVersionMatch: Forbidden: resourceVersionMatch "exact" is forbidden for resourceVersion "0"',
    ),
    (
        "resourceVersion=1&resourceVersionMatch=Older",
        422,
        LIST_OPTIONS
        + 'resourceVersionMatch: Unsupported value: "Older": supported values: "Exact", "NotOlderThan", ""',
    ),
    (
        "resourceVersion=1&resourceVersionMatch=Exact&continue=x",
        422,
        LIST_OPTIONS + "resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden when continue is provided",
    ),
    (
        "sendInitialEvents=false",
        422,
        LIST_OPTIONS + "sendInitialEvents: Forbidden: sendInitialEvents is forbidden for list",
    ),
    (
        f"resourceVersion=3&continue={_token(v='meta.k8s.io/v1', rv=5, start='a')}",
        400,
        "specifying resource version is not allowed when using continue",
    ),
    ("continue=%21", 400, None),
    ("continue=abc", 400, None),
    (f"continue={_token(v='v2', rv=5, start='a')}", 400, KEY + "server does not recognize this encoded version v2"),
    (
        f"continue={_token(v='meta.k8s.io/v1', rv=0, start='a')}",
        400,
        KEY + "incorrect encoded start resourceVersion (version meta.k8s.io/v1)",
    ),
    (
        f"continue={_token(v='meta.k8s.io/v1', rv=5, start='')}",
        400,
        KEY + "encoded start key empty (version meta.k8s.io/v1)",
    ),
    (f"continue={_token(v='meta.k8s.io/v1', rv=5, start='../secrets')}", 400, KEY + "../secrets"),
    (f"continue={_token(v='meta.k8s.io/v1', rv=5, start='a//b')}", 400, KEY + "a//b"),
    (f"continue={_token(v='meta.k8s.io/v1', rv=99, start='a')}", 504, None),
]


@pytest.mark.parametrize(("query", "code", "message"), REFUSED, ids=[row[0][:60] for row in REFUSED])
async def test_lists_that_cannot_be_given(wire: Http, pods: str, query: str, code: int, message: str | None) -> None:
    got = await refused(wire, f"{PODS}?{query}")
    assert got[:2] == (code, {400: "BadRequest", 422: "Invalid", 504: "Timeout"}[code])
    assert message is None or got[2] == message


@given(st.text() | st.binary().map(lambda raw: base64.urlsafe_b64encode(raw).decode()))
def test_any_token_is_read_or_refused(token: str) -> None:
    with contextlib.suppress(ApiError):
        page = paging.asked({"continue": token})
        assert page == paging.ALL or page.start


async def test_gets_of_a_version(wire: Http, pods: str) -> None:
    for version in ("", "0", "1", pods):
        assert (await wire.send("GET", f"{PODS}/a?resourceVersion={version}")).code == 200
    assert await refused(wire, f"{PODS}/a?resourceVersion=99") == (
        504,
        "Timeout",
        "Timeout: Too large resource version: 99, current: 10",
    )
    assert await refused(wire, f"{PODS}/a?resourceVersion=x") == (
        400,
        "BadRequest",
        'resourceVersion: Invalid value: "x": strconv.ParseUint: parsing "x": invalid syntax',
    )


@pytest.mark.parametrize(
    ("query", "code", "message"),
    [
        ("resourceVersion=x", 400, None),
        ("resourceVersion=99", 504, "Timeout: Too large resource version: 99, current: 5"),
        ("resourceVersion=99&resourceVersionMatch=NotOlderThan&sendInitialEvents=true", 504, None),
        (
            "resourceVersionMatch=NotOlderThan",
            422,
            LIST_OPTIONS
            + "resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided",
        ),
        (
            "sendInitialEvents=true",
            422,
            LIST_OPTIONS
            + "resourceVersionMatch: Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan",
        ),
    ],
)
async def test_watches_that_cannot_begin(wire: Http, query: str, code: int, message: str | None) -> None:
    got = await refused(wire, f"{PODS}?watch=true&{query}")
    assert got[0] == code
    assert message is None or got[2] == message


async def test_a_collection_is_deleted_in_pieces(wire: Http, pods: str) -> None:
    answer = await wire.send("DELETE", f"{PODS}?limit=2")
    assert [item["metadata"]["name"] for item in answer.body["items"]] == ["a", "b"]
    assert (await piece(wire, PODS))[0] == ["d", "e"]


async def test_names_that_tokens_must_not_confuse(wire: Http, api: Api) -> None:
    for name in ("web", "web-1", "web.a"):
        await api.create(resources.CONFIG_MAPS, "demo", {"metadata": {"name": name}})
    path, found = "/api/v1/namespaces/demo/configmaps?limit=1", []
    for _ in range(3):
        names, meta = await piece(wire, path)
        found += names
        path = f"/api/v1/namespaces/demo/configmaps?limit=1&continue={quote(meta.get('continue', ''))}"
    assert found == ["web", "web-1", "web.a"]
    assert (await piece(wire, f"{DEPLOYMENTS}?limit=1"))[0] == []
