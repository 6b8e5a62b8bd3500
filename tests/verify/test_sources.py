"""OpenShift's internal registry as it is not always there: no image streams, no registry, no route, no rights."""

from typing import Any, cast

import aiohttp
import pytest

from pullscope.base.clock import ManualClock
from pullscope.base.errors import UnreachableError
from pullscope.kube import resources, status
from pullscope.kube.api import Api, ObjectList
from pullscope.kube.resources import Resource
from pullscope.remote import errors, sessions
from pullscope.remote.sessions import Way
from pullscope.verify.sources import Internal

NODES_SAY = "image-registry.openshift-image-registry.svc:5000/team/pullscope-4f2a9c"


class Answering:
    """An API that allows what it is told to, and makes image streams with that status."""

    def __init__(self, stream: dict[str, Any] | status.ApiError, *, allowed: bool = True) -> None:
        self._stream = stream
        self._allowed = allowed

    async def create(self, resource: Resource, _namespace: str | None, obj: dict[str, Any]) -> dict[str, Any]:
        if resource == resources.SELF_SUBJECT_ACCESS_REVIEWS:
            return {"status": {"allowed": self._allowed}}
        if isinstance(self._stream, status.ApiError):
            raise self._stream
        return obj | {"status": self._stream}

    async def list(self, *_: object, **__: object) -> ObjectList:
        account = {
            "metadata": {"name": "default", "uid": "u", "resourceVersion": "1"},
            "imagePullSecrets": [{"name": "x"}],
        }
        return ObjectList([account], "1")


async def source(api: Answering, way: Way, session: aiohttp.ClientSession | None = None) -> Any:
    internal = Internal(cast(Api, api), cast(Any, session), way, "token", ManualClock())
    return await internal.source("team", "4f2a9c")


@pytest.mark.parametrize(
    ("api", "message", "hint"),
    [
        (Answering({}), "this cluster has no internal registry", "--registry HOST/REPO"),
        (Answering({"dockerImageRepository": NODES_SAY}), "has no route", "defaultRoute"),
        (Answering(status.ApiError(404, "NotFound", "no")), "knows no image streams", "no OpenShift"),
        (Answering({}, allowed=False), "delete imagestreamtags.image.openshift.io", "--registry HOST/REPO"),
    ],
)
async def test_what_is_missing_is_said_with_what_to_do(api: Answering, message: str, hint: str) -> None:
    with pytest.raises(UnreachableError, match=message) as caught:
        await source(api, Way())
    assert hint in caught.value.hint


async def test_a_forwarded_port_stands_for_a_route() -> None:
    """It is asked at once, to find out how it speaks."""
    way, api = Way(address="127.0.0.1:1", insecure=True), Answering({"dockerImageRepository": NODES_SAY})
    async with sessions.opened(Way(), "") as session:
        with pytest.raises(errors.RefusedError):
            await source(api, way, session)
