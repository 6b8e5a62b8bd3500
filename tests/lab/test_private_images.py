"""Private images in a whole lab: the six cases under another service account, and every way to show who one is.

The cases are rows of `docs/private-images.md`: what the page says is what is made to happen here.
"""

import asyncio
import itertools
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Literal

import aiohttp
from aiohttp import web
from tests import pullsecrets
from tests.docs.tables import table

from pullscope.base.clock import SystemClock
from pullscope.clusters import reflector
from pullscope.content.memory import MemoryStore
from pullscope.images import probe
from pullscope.kube import resources
from pullscope.kube.api import Object
from pullscope.lab import assembly
from pullscope.lab.assembly import Lab
from pullscope.lab.config import LabConfig
from pullscope.oci import reference
from pullscope.openshift.names import INTERNAL_REGISTRY
from pullscope.pull import keyring
from pullscope.registry import app, guarded
from pullscope.registry.store import Registry
from pullscope.remote import transfer
from pullscope.remote.client import RegistryClient
from pullscope.remote.registries import Login

NS = "default"
USERS = {"alice": "wonderland", "bob": "builder"}
OWNER = Login(guarded.USER, "owner")
COLUMNS = {"nothing": "nothing", "the same credential": "same", "another valid one": "other"}
PAGE = "private-images.md"


@dataclass
class Private:
    """A registry that lets nobody read but `USERS`, by Basic credentials or by a token that is given for them."""

    scheme: Literal["basic", "bearer"]
    http: aiohttp.ClientSession
    host: str = ""
    _application: web.Application = field(init=False)

    async def start(self) -> web.AppRunner:
        demand = guarded.Demand(self.scheme, USERS)
        self._application = app.create(Registry.open(None), handler=guarded.by(OWNER.password, lambda: demand))
        runner = app.runner(self._application)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.host = "{}:{}".format(*runner.addresses[0][:2])
        return runner

    async def push(self, repository: str, war: str) -> str:
        """The tag v1 means an image with this archive now; its digest."""
        store = MemoryStore()
        root = probe.variant(store, war)
        await transfer.push(self._owner(), reference.parse(f"{self.host}/{repository}:v1"), store, root)
        return str(root.digest)

    async def untag(self, repository: str) -> None:
        await self._owner().delete_manifest(repository, "v1")

    def asked(self, repository: str) -> int:
        """How many requests there were for it."""
        return sum(record.repository == repository for record in self._application[app.LOG].records())

    def _owner(self) -> RegistryClient:
        return RegistryClient(self.http, self.host, auth=OWNER)


@dataclass
class World:
    """A lab, with a service account for each set of credentials, and private registries beside it."""

    lab: Lab
    basic: Private
    bearer: Private
    _names: "itertools.count[int]" = field(default_factory=itertools.count)

    async def account(self, name: str, *logins: tuple[str, str], extra: Sequence[str] = ()) -> None:
        """A service account that pulls with one secret for each of these logins at both registries."""
        places = (self.basic.host, self.bearer.host)
        for number, (user, password) in enumerate(logins):
            await secret(self.lab, f"{name}-{number}", dict.fromkeys(places, (user, password)))
        secrets = [{"name": each} for each in (*(f"{name}-{number}" for number in range(len(logins))), *extra)]
        await self.lab.api.create(
            resources.SERVICE_ACCOUNTS, NS, {"metadata": {"name": name}, "imagePullSecrets": secrets}
        )

    async def pod(self, image: str, policy: str, account: str) -> Object:
        """The only container's status of a new pod, when it runs or waits for its image."""
        name = f"p{next(self._names)}"
        container = {"name": "app", "image": image, "imagePullPolicy": policy}
        spec = {"nodeName": "crc", "serviceAccountName": account, "containers": [container]}
        await self.lab.api.create(resources.PODS, NS, {"metadata": {"name": name}, "spec": spec})
        found = await reflector.until(self.lab.api, resources.PODS, NS, name, clock=SystemClock(), true=settled)
        (status,) = found["status"]["containerStatuses"]
        return dict(status)

    async def said(self, image: str, policy: str, account: str) -> str:
        """`Running`, or how its message ends."""
        return ended(await self.pod(image, policy, account))


async def secret(lab: Lab, name: str, logins: Mapping[str, tuple[str, str]]) -> None:
    auths = {place: {"username": user, "password": password} for place, (user, password) in logins.items()}
    await lab.api.create(resources.SECRETS, NS, pullsecrets.made(name, auths))


def settled(pod: Object) -> bool:
    """Whether its container runs, or waits for something that takes longer than its creation."""
    statuses: list[Object] = pod["status"].get("containerStatuses") or []
    states = [status["state"] for status in statuses]
    return bool(states) and all(
        "running" in state or state["waiting"]["reason"] != "ContainerCreating" for state in states
    )


def ended(status: Object) -> str:
    """`Running`, or why not: the reason, and how the registry's refusal ends."""
    if "running" in status["state"]:
        return "Running"
    reason, message = (str(status["state"]["waiting"][each]) for each in ("reason", "message"))
    return f"{reason}: {message.rpartition(': ')[2]}" if reason == "ErrImagePull" else reason


@asynccontextmanager
async def world(*, nodes_own: str = "") -> AsyncIterator[World]:
    """`nodes_own`: the user that nodes are at the basic registry."""
    async with AsyncExitStack() as stack:
        http = await stack.enter_async_context(aiohttp.ClientSession())
        basic, bearer = Private("basic", http), Private("bearer", http)
        for registry in (basic, bearer):
            stack.push_async_callback((await registry.start()).cleanup)
        own = {basic.host: {"username": nodes_own, "password": USERS[nodes_own]}} if nodes_own else {}
        lab = await stack.enter_async_context(
            assembly.running(LabConfig(credentials=keyring.of_config({"auths": own})))
        )
        made = World(lab, basic, bearer)
        await made.account("nothing")
        await made.account("first", ("alice", USERS["alice"]))
        await made.account("same", ("alice", USERS["alice"]))
        await made.account("other", ("bob", USERS["bob"]))
        yield made


# ------------------------------------------------------------------------- the six cases under another service account


async def case(world: World, row: Mapping[str, str]) -> dict[str, str]:
    """Make that row happen, in repositories of its own; what came of it, in the page's words."""
    if row["on the node"] == "yes":  # nobody but the last, who has other credentials, may change what is there
        made = await repository(world, row, "all")
        return {**row, **{column: await outcome(world, row, account, made) for column, account in COLUMNS.items()}}
    each = [await repository(world, row, account) for account in COLUMNS.values()]
    found = [await outcome(world, row, account, made) for account, made in zip(COLUMNS.values(), each, strict=True)]
    return {**row, **dict(zip(COLUMNS, found, strict=True))}


async def repository(world: World, row: Mapping[str, str], name: str) -> tuple[str, str]:
    """One that is as the row says, and the digest of what is or was on the node."""
    place = f"case{row['No.']}/{name}"
    war = place.replace("/", "-")
    node = await world.basic.push(place, f"{war}-node.war")
    if row["on the node"] == "yes":
        assert await world.said(f"{world.basic.host}/{place}:v1", "IfNotPresent", "first") == "Running"
    if row["in the registry"] == "yes":
        await world.basic.push(place, f"{war}-registry.war")
    else:
        await world.basic.untag(place)
    return place, node


async def outcome(world: World, row: Mapping[str, str], account: str, made: tuple[str, str]) -> str:
    place, node = made
    before = world.basic.asked(place)
    status = await world.pod(f"{world.basic.host}/{place}:v1", row["policy"], account)
    if "running" not in status["state"]:
        return ended(status)
    which = "the node's image" if status["imageID"].endswith(node) else "the registry's image"
    return which if world.basic.asked(place) > before else f"{which}, unasked"


async def test_the_six_cases_under_another_service_account() -> None:
    rows = table(PAGE, "No.")
    assert [row["No."] for row in rows] == list("12345678")
    async with world() as w:
        happened = await asyncio.gather(*(case(w, row) for row in rows))
    assert happened == rows


# ------------------------------------------------------------------------- credentials


async def test_who_is_let_in() -> None:
    accounts = ["first", "other", "second", "nothing", "wrong", "stranger", "missing"]
    async with world() as w:
        await w.account("wrong", ("alice", "guess"))
        await w.account("stranger", ("mallory", "wonderland"))
        await w.account("missing", extra=["nosuch"])
        await w.account("second", ("alice", "guess"), ("bob", USERS["bob"]))
        for registry, refused in ((w.basic, "authentication required"), (w.bearer, "unauthorized")):
            await registry.push("team/app", "app.war")
            image = f"{registry.host}/team/app:v1"
            found = [await w.said(image, "Always", account) for account in accounts]
            assert found == ["Running"] * 3 + [f"ErrImagePull: {refused}"] * 4


async def test_the_nodes_own_credentials_come_after_the_pods_and_open_an_image_to_all() -> None:
    async with world(nodes_own="bob") as w:
        await w.account("wrong", ("alice", "guess"))
        await w.basic.push("team/app", "app.war")
        await w.basic.push("team/mine", "mine.war")
        image, mine = f"{w.basic.host}/team/app:v1", f"{w.basic.host}/team/mine:v1"
        assert await w.said(image, "IfNotPresent", "wrong") == "Running"
        assert await w.said(image, "Never", "nothing") == "Running"
        assert await w.said(mine, "IfNotPresent", "first") == "Running"
        assert await w.said(mine, "Never", "nothing") == "ErrImageNeverPull"
        assert await w.said(mine, "IfNotPresent", "nothing") == "Running"
        assert await w.said(mine, "Never", "nothing") == "Running"


async def test_each_service_account_of_a_project_is_somebody_else_to_the_internal_registry() -> None:
    async with world() as w:
        tag = {
            "name": "v1",
            "from": {"kind": "DockerImage", "name": f"{w.lab.registry}/pullscope/probe:base"},
            "importPolicy": {"insecure": True},
        }
        body = {"metadata": {"name": "app"}, "spec": {"tags": [tag]}}
        await w.lab.api.create(resources.IMAGE_STREAMS, NS, body)
        await reflector.until(w.lab.api, resources.IMAGE_STREAMS, NS, "app", clock=SystemClock(), true=imported)
        for account in ("default", "builder"):
            await reflector.until(
                w.lab.api, resources.SERVICE_ACCOUNTS, NS, account, clock=SystemClock(), true=known_to_the_registry
            )
        image = f"{INTERNAL_REGISTRY}/{NS}/app:v1"
        assert await w.said(image, "IfNotPresent", "default") == "Running"
        assert await w.said(image, "Never", "default") == "Running"
        assert await w.said(image, "Never", "builder") == "ErrImageNeverPull"
        assert await w.said(image, "IfNotPresent", "builder") == "Running"
        assert await w.said(image, "Never", "builder") == "Running"


def imported(stream: Object) -> bool:
    return bool(stream.get("status", {}).get("tags"))


def known_to_the_registry(account: Object) -> bool:
    return bool(account.get("imagePullSecrets"))
