"""Lists in pages, of servers that behave and of others."""

from typing import Any

import pytest
from tests.why.collect.api import Api, listed

from pullscope.base.errors import UnreachableError
from pullscope.clusters.errors import TooLongError
from pullscope.kube import resources
from pullscope.kube.status import ApiError
from pullscope.why.collect import listing
from pullscope.why.collect.shapes import Pod

PATH = "/api/v1/namespaces/demo/pods"


def pod(name: str, **metadata: Any) -> dict[str, Any]:
    return {"metadata": {"name": name, **metadata}, "spec": {"containers": None}}


async def names(api: Api, **selectors: str) -> list[str]:
    found = await listing.everything(api, resources.PODS, "demo", Pod, **selectors)
    return [each.metadata.name for each in found]


async def test_pages_one_after_the_other() -> None:
    pages = {"": listed(pod("a"), **{"continue": "t"}), "t": listed(pod("b"))}
    api = Api({PATH: lambda params: pages[params.get("continue", "")]})
    assert await names(api, labels="app=x") == ["a", "b"]
    assert api.asked[1] == (PATH, {"labelSelector": "app=x", "limit": "500", "continue": "t"})


async def test_a_list_that_expires_on_the_way_goes_on_as_it_is_now() -> None:
    expired = ApiError(410, "Expired", "too old")
    expired.metadata = {"continue": "fresh"}
    pages = {"": listed(pod("a"), **{"continue": "t"}), "t": expired, "fresh": listed(pod("b"))}
    assert await names(Api({PATH: lambda params: pages[params.get("continue", "")]})) == ["a", "b"]


async def test_a_list_that_has_expired_for_good() -> None:
    with pytest.raises(ApiError):
        await names(Api({PATH: ApiError(410, "Expired", "too old")}))


async def test_pages_of_megabytes_become_shorter() -> None:
    """Ten pods with annotations of 10 MB each: more than one answer may have."""
    heavy = b"x" * (10 << 20)

    def page(params: dict[str, str]) -> bytes | Exception:
        start, limit = int(params.get("continue", 0)), int(params["limit"])
        here = range(start, min(start + limit, 10))
        if len(here) * len(heavy) > listing.LARGEST:
            return TooLongError("api.test", listing.LARGEST)
        items = b",".join(
            b'{"metadata":{"name":"p%d","annotations":{"a":"%s"}},"spec":{}}' % (each, heavy) for each in here
        )
        token = here.stop if here.stop < 10 else ""
        return b'{"metadata":{"continue":"%s"},"items":[%s]}' % (str(token).encode(), items)

    assert await names(Api({PATH: page})) == [f"p{number}" for number in range(10)]


async def test_one_object_that_is_too_long() -> None:
    with pytest.raises(TooLongError):
        await names(Api({PATH: b" " * (listing.LARGEST + 1)}))


@pytest.mark.parametrize("body", [b"<html>Log in</html>", b"", b"\xff", b'{"items": [{"spec": 3}]}', b"[]"])
async def test_an_answer_that_is_no_list(body: bytes) -> None:
    with pytest.raises(UnreachableError, match="what the server answered about pods cannot be read"):
        await names(Api({PATH: body}))
