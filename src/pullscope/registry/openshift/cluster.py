"""What the internal registry asks of the API server, as the account that it runs under.

Upstream: openshift/image-registry release 4.22 pkg/dockerregistry/server (auth.go, imagestream/imagestream.go,
manifestservice.go).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pullscope.kube import resources
from pullscope.kube.api import Api, Object
from pullscope.kube.status import ApiError

STREAMS = resources.IMAGE_STREAMS


@dataclass(frozen=True)
class User:
    """Whom a token belongs to, as a TokenReview says it."""

    name: str
    info: Mapping[str, Any]


class Cluster:
    """The API server, seen from the registry."""

    def __init__(self, api: Api) -> None:
        self._api = api

    async def user(self, token: str) -> User | None:
        """Whose token this is, None when it is nobody's (any more)."""
        review = {"metadata": {}, "spec": {"token": token}}
        answer = (await self._api.create(resources.TOKEN_REVIEWS, None, review))["status"]
        if not answer.get("authenticated"):
            return None
        return User(answer["user"]["username"], answer["user"])

    async def allows(self, user: User, verb: str, namespace: str, name: str) -> bool:
        """Whether the user may `get` (pull from) or `update` (push to) the layers of a stream."""
        where = {"namespace": namespace, "name": name, "subresource": "layers"}
        return await self._allows(user, {"verb": verb, "resource": STREAMS.plural, "group": STREAMS.group, **where})

    async def may_have(self, user: User, namespace: str, name: str) -> bool:
        """Whether what is pushed to the stream can be kept: it is there, or the user may make it."""
        if await self.stream(namespace, name) is not None:
            return True
        return await self._allows(
            user, {"verb": "create", "resource": STREAMS.plural, "group": STREAMS.group, "namespace": namespace}
        )

    async def prunes(self, user: User) -> bool:
        """Whether the user may delete what the registry holds."""
        images = resources.IMAGES
        return await self._allows(user, {"verb": "delete", "resource": images.plural, "group": images.group})

    async def _allows(self, user: User, attributes: Object) -> bool:
        info = user.info
        spec = {
            "user": user.name,
            "uid": info.get("uid", ""),
            "groups": list(info.get("groups") or ()),
            "extra": dict(info.get("extra") or {}),
            "resourceAttributes": attributes,
        }
        answer = await self._api.create(resources.SUBJECT_ACCESS_REVIEWS, None, {"metadata": {}, "spec": spec})
        return bool(answer["status"].get("allowed"))

    async def stream(self, namespace: str, name: str) -> Object | None:
        """The image stream, None when there is none."""
        return await self._find(STREAMS, namespace, name)

    async def streams(self) -> Sequence[Object]:
        """The image streams of all projects."""
        return (await self._api.list(STREAMS)).items

    async def image(self, digest: str) -> Object | None:
        """The Image of that digest, None when there is none."""
        return await self._find(resources.IMAGES, None, digest)

    async def _find(self, resource: resources.Resource, namespace: str | None, name: str) -> Object | None:
        try:
            return await self._api.get(resource, namespace, name)
        except ApiError as error:
            if error.reason != "NotFound":
                raise
        return None

    async def keep(self, image: Object) -> None:
        """Make the Image of something that was pushed without a tag."""
        await self._make(resources.IMAGES, None, image)

    async def point(self, namespace: str, name: str, tag: str, image: Object) -> None:
        """Let the tag point to what was pushed; the stream is made when it is missing. Raises ApiError."""
        await self._make(STREAMS, namespace, {"metadata": {"name": name}})
        mapping = {"metadata": {"name": name}, "image": image, "tag": tag}
        await self._api.create(resources.IMAGE_STREAM_MAPPINGS, namespace, mapping)

    async def _make(self, resource: resources.Resource, namespace: str | None, obj: Object) -> None:
        try:
            await self._api.create(resource, namespace, obj)
        except ApiError as error:
            if error.reason != "AlreadyExists":
                raise
