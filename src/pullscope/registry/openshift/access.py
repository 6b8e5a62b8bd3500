"""Who may do what in the internal registry, and how clients are told to log in.

A token of the API server is the password, whatever the user's name: `podman login -u me -p $(oc whoami -t)`. The token
service hands the same token back.

Upstream: openshift/image-registry release 4.22 pkg/dockerregistry/server/auth.go, tokenhandler.go.
"""

import base64
import binascii
from dataclasses import dataclass

from aiohttp import web

from pullscope.oci import errors
from pullscope.registry import calls
from pullscope.registry.calls import Call
from pullscope.registry.openshift.cluster import Cluster, User

TOKEN_PATH = "/openshift/token"  # noqa: S105 (a path)
_READING = ("GET", "HEAD")


class LoginRequiredError(Exception):
    """Nobody, or somebody who may not, asks for what needs rights: the client is told where tokens are given."""


@dataclass(frozen=True)
class Stream:
    """The image stream that a repository is: `namespace/name`."""

    namespace: str
    name: str

    @classmethod
    def of(cls, repository: str) -> "Stream | None":
        """None for a repository of another form: there is no such stream."""
        namespace, slash, name = repository.partition("/")
        return cls(namespace, name) if slash and namespace and name and "/" not in name else None


async def admit(call: Call, cluster: Cluster) -> User:
    """Let the request of this user pass, or raise LoginRequiredError, or RegistryError NAME_INVALID for what can be no stream."""
    user = await user_of(call.request, cluster)
    route, method = call.route, call.request.method
    if route.kind == "base":
        return user
    if route.kind == "catalog" or (method == "DELETE" and route.kind != "upload"):
        if not await cluster.prunes(user):
            raise LoginRequiredError
        return user
    stream = Stream.of(route.repository)
    if stream is None:
        raise errors.NAME_INVALID.error(message="the name of a repository is PROJECT/IMAGESTREAM")
    verb = "get" if method in _READING and route.kind != "upload" else "update"
    if not await cluster.allows(user, verb, stream.namespace, stream.name):
        raise LoginRequiredError
    return user


async def may_mount(call: Call, cluster: Cluster) -> bool:
    """Whether the user may pull from the repository that a blob is to be mounted from."""
    source = Stream.of(call.request.query.get("from", ""))
    user = await user_of(call.request, cluster)
    return source is not None and await cluster.allows(user, "get", source.namespace, source.name)


async def user_of(request: web.Request, cluster: Cluster) -> User:
    """Who asks. Raises LoginRequiredError."""
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    token = given.strip() if scheme.lower() == "bearer" else _password(scheme, given)
    user = await cluster.user(token) if token else None
    if user is None:
        raise LoginRequiredError
    return user


def challenge(request: web.Request) -> web.Response:
    """401, with the place where tokens are given."""
    response = calls.failure(errors.UNAUTHORIZED.error())
    realm = f"{request.scheme}://{request.host}{TOKEN_PATH}"
    response.headers["WWW-Authenticate"] = f'Bearer realm="{realm}"'
    return response


async def hand_out(request: web.Request, cluster: Cluster) -> web.Response:
    """`GET /openshift/token`: Basic credentials in, their password out as the token, when it is one of the cluster's."""
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    token = _password(scheme, given)
    if not token or await cluster.user(token) is None:
        response = calls.failure(errors.UNAUTHORIZED.error())
        response.headers["WWW-Authenticate"] = 'Basic realm="openshift"'
        return response
    return calls.as_json({"access_token": token, "token": token})


def _password(scheme: str, given: str) -> str:
    """The password of Basic credentials, empty when these are none."""
    if scheme.lower() != "basic":
        return ""
    try:
        decoded = base64.b64decode(given, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""
    return decoded.partition(":")[2]
