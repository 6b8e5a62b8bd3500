"""Where the images of a run go: a repository that the user names, or an image stream in OpenShift's internal registry.

Upstream: OpenShift 4.22. An ImageStream's status names the internal registry as nodes know it (`dockerImageRepository`) and,
when it has a route, as others do (`publicDockerImageRepository`); pods' pull secrets for it are made by the cluster.
"""

from dataclasses import dataclass

import aiohttp

from pullscope.base import tasks
from pullscope.base.clock import Clock
from pullscope.base.errors import UnreachableError
from pullscope.clusters import reflector
from pullscope.kube import resources
from pullscope.kube.api import Api, Object
from pullscope.kube.status import ApiError
from pullscope.oci import reference
from pullscope.oci.reference import Reference
from pullscope.remote import sessions
from pullscope.remote.registries import Login
from pullscope.remote.sessions import Way
from pullscope.verify import objects, rights
from pullscope.verify.evidence import Step
from pullscope.verify.repository import Access, Repository, Untag
from pullscope.verify.target import Source

_PATIENCE = 10.0  # seconds until a new namespace's account has its pull secret
_USER = "pullscope"  # the internal registry takes any name; the token says who


def named(session: aiohttp.ClientSession, name: Reference, way: Way, login: Login | None) -> Source:
    """The repository `name` at a registry; `login` is the user's own."""

    async def source(_namespace: str, _run: str) -> Repository:
        client = await sessions.client(session, name, way, login)
        if login is None:
            return Repository(client, name, name)
        anybody = await sessions.client(session, name, way)
        return Repository(client, name, name, access=Access((login.username, login.password), anybody))

    return source


@dataclass(frozen=True)
class Internal:
    """OpenShift's internal registry. `token` is the user's, for the API and the registry alike."""

    api: Api
    session: aiohttp.ClientSession
    way: Way
    token: str
    clock: Clock

    async def source(self, namespace: str, run: str) -> Repository:
        """A new image stream, as a repository. Raises UnreachableError."""
        lacking = await rights.lacking(self.api, namespace, rights.STREAMS)
        if lacking:
            what = f"these rights are missing in namespace {namespace}: {', '.join(map(str, lacking))}"
            raise UnreachableError(what, hint="the role edit has them all; or name a registry: --registry HOST/REPO")
        status = (await self._made(namespace, run)).get("status") or {}
        pulled, public = status.get("dockerImageRepository"), status.get("publicDockerImageRepository")
        if not pulled:
            hint = "name another registry: --registry HOST/REPO, or --serve-registry ADDR"
            raise UnreachableError("this cluster has no internal registry", hint=hint)
        if not public and not self.way.address:
            raise UnreachableError(
                "the internal registry has no route, so nobody can push from outside", hint=_NO_ROUTE
            )
        await self._equipped(namespace)
        pushed = reference.parse(public or pulled)
        client = await sessions.client(self.session, pushed, self.way, Login(_USER, self.token))
        return Repository(client, reference.parse(pulled), pushed, untag=self._untagging(namespace, run))

    async def _made(self, namespace: str, run: str) -> Object:
        wanted = objects.image_stream(run, _stream(run))
        try:
            return await self.api.create(resources.IMAGE_STREAMS, namespace, wanted)
        except ApiError as error:
            if error.code != 404:
                raise
            hint = "it is no OpenShift; name a registry: --registry HOST/REPO"
            raise UnreachableError("this cluster knows no image streams", hint=hint) from error

    async def _equipped(self, namespace: str) -> None:
        """Wait until pods can pull: the account has a pull secret. Where there comes none, the probe tells."""
        found = reflector.until(
            *(self.api, resources.SERVICE_ACCOUNTS, namespace, "default"),
            clock=self.clock,
            true=lambda account: bool(account.get("imagePullSecrets")),
        )
        await tasks.within(self.clock, _PATIENCE, found)

    def _untagging(self, namespace: str, run: str) -> Untag:
        """Deleting manifests there takes rights in the whole cluster; the tag of a stream is its owner's."""

        async def untag(tag: str) -> Step:
            name = f"{_stream(run)}:{tag}"
            await self.api.delete(resources.IMAGE_STREAM_TAGS, namespace, name)
            return Step(f"deleted ImageStreamTag {name}", "accepted")

        return untag


def _stream(run: str) -> str:
    return f"pullscope-{run}"


_NO_ROUTE = (
    "an administrator can give it one: oc patch configs.imageregistry.operator.openshift.io/cluster --type merge -p "
    '\'{"spec":{"defaultRoute":true}}\'; or forward its port (oc port-forward -n openshift-image-registry '
    "svc/image-registry 5000) and add --registry-address 127.0.0.1:5000 --insecure-registry"
)
