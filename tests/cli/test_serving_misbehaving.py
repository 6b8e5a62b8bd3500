"""The registries that verify serves for a row of its own, over the wire: whom they let read, as our client and skopeo see it."""

import asyncio
import base64
import shutil
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

import aiohttp
import pytest

from pullscope.base.clock import SystemClock
from pullscope.cli import serving_misbehaving
from pullscope.cli.serving_misbehaving import REPOSITORY
from pullscope.oci import reference
from pullscope.oci.digest import Digest
from pullscope.oci.documents import Descriptor
from pullscope.remote import errors
from pullscope.remote.client import RegistryClient
from pullscope.remote.registries import Login
from pullscope.verify import misbehaving
from pullscope.verify.variants import Images

RIGHT, WRONG = Login("alice", "secret"), Login("alice", "guess")
ACCEPTED = {"alice": "secret", "bob": "word"}
START = datetime(2026, 1, 1, tzinfo=UTC)
SCHEMES = pytest.mark.parametrize("scheme", ["basic", "bearer"])
Scheme = Literal["basic", "bearer"]


@dataclass
class Served:
    """One of them, with an image under the tag `v1`."""

    registry: misbehaving.Registry
    session: aiohttp.ClientSession
    host: str
    root: Descriptor

    def client(self, login: Login | None) -> RegistryClient:
        return RegistryClient(self.session, self.host, auth=login)

    async def head(self, login: Login | None) -> Descriptor | None:
        return await self.client(login).head_manifest(REPOSITORY, "v1")


@pytest.fixture
async def served() -> AsyncIterator[Served]:
    image = Images("run").named("one", "registry")
    async with aiohttp.ClientSession() as session:
        where = serving_misbehaving.Where(session, SystemClock())
        async with serving_misbehaving.serve(where)() as registry:
            await registry.repository.push(image, "v1")
            host = reference.parse(registry.repository.name).registry
            yield Served(registry, session, host, image.root)


@SCHEMES
async def test_readers_must_be_accepted(served: Served, scheme: Scheme) -> None:
    step = await served.registry.demand(scheme, ACCEPTED)
    assert step.came_back == "it lets alice, bob in from now on"
    assert await served.head(RIGHT) == await served.head(Login("bob", "word")) == served.root
    for login in (WRONG, Login("alice", "word"), Login("carol", "secret"), None):
        with pytest.raises(errors.AuthenticationError if scheme == "basic" else errors.TokenRefusedError) as failed:
            await served.head(login)
        assert failed.value.status == 401


@SCHEMES
async def test_its_own_password_goes_on_reading_and_writing(served: Served, scheme: Scheme) -> None:
    repository, other = served.registry.repository, Images("run").named("two", "node")
    await served.registry.demand(scheme, {})
    assert await repository.held("v1") == str(served.root.digest)
    await repository.push(other, "v2")
    assert await repository.held("v2") == other.variant.digest
    await repository.delete(other, "v2")
    await served.registry.demand(scheme, ACCEPTED)
    with pytest.raises(errors.AuthenticationError):  # reading is all that they may
        await served.client(RIGHT).delete_manifest(REPOSITORY, str(served.root.digest))


@SCHEMES
async def test_another_demand_replaces_the_first_and_behaving_ends_it(served: Served, scheme: Scheme) -> None:
    await served.registry.demand(scheme, ACCEPTED)
    known = served.client(RIGHT)
    assert await known.head_manifest(REPOSITORY, "v1") == served.root
    await served.registry.demand(scheme, {"bob": "word"})
    with pytest.raises(errors.AuthenticationError if scheme == "basic" else errors.TokenRefusedError):
        await known.head_manifest(REPOSITORY, "v1")
    await served.registry.behave()
    assert await served.head(None) == served.root


async def test_what_it_was_asked_counts_from_a_mark(served: Served) -> None:
    await served.registry.demand("bearer", ACCEPTED)
    await served.head(RIGHT)
    served.registry.mark()
    assert served.registry.requests(START) == ()
    await served.head(RIGHT)
    asked = [(each["kind"], each["status"]) for each in served.registry.requests(START)]
    assert asked == [("manifest", 401), ("other", 200), ("manifest", 200)]


async def test_a_token_is_for_its_repository_and_only_reads(served: Served) -> None:
    await served.registry.demand("bearer", ACCEPTED)
    url = f"http://{served.host}"
    basic = {"Authorization": f"Basic {base64.b64encode(b'alice:secret').decode()}"}
    elsewhere = {"scope": "repository:else/where:pull repository:host:5000/a:pull,push repository:b:push"}
    async with served.session.get(f"{url}/token", params=elsewhere, headers=basic) as answer:
        shown = {"Authorization": f"Bearer {(await answer.json())['token']}"}
    tampered = {"Authorization": f"{shown['Authorization'][:-1]}\xff"}
    for path, headers, status in (
        ("/v2/", shown, 200),
        ("/v2/else/where/tags/list", shown, 404),
        ("/v2/host:5000/a/tags/list", shown, 400),
        ("/v2/b/tags/list", shown, 401),
        (f"/v2/{REPOSITORY}/manifests/v1", shown, 401),
        ("/v2/", tampered, 401),
        ("/v2/", {}, 401),
    ):
        async with served.session.get(f"{url}{path}", headers=headers) as answer:
            assert (path, answer.status) == (path, status)
    async with served.session.get(f"{url}/v2/") as answer:
        assert answer.headers["WWW-Authenticate"] == f'Bearer realm="{url}/token",service="pullscope"'
    async with served.session.post(f"{url}/token", headers=basic) as answer:
        assert (answer.status, answer.headers["Allow"]) == (405, "GET")


@pytest.mark.skipif(sys.platform != "linux", reason="skopeo is a judge on Linux")
@SCHEMES
async def test_skopeo_agrees(served: Served, scheme: Scheme) -> None:
    if shutil.which("skopeo") is None:
        pytest.skip("needs skopeo (Debian: apt-get install skopeo)")
    await served.registry.demand(scheme, ACCEPTED)
    image = f"docker://{served.host}/{REPOSITORY}:v1"

    async def inspected(*credentials: str) -> tuple[int | None, str]:
        command = ("skopeo", "inspect", "--raw", "--tls-verify=false", *credentials, image)
        process = await asyncio.create_subprocess_exec(*command, stdout=-1, stderr=-1)
        out, said = await process.communicate()
        return process.returncode, (out or said).decode()

    right, wrong, none = await asyncio.gather(
        inspected("--creds", "alice:secret"), inspected("--creds", "alice:guess"), inspected("--no-creds")
    )
    assert right[0] == 0
    assert Digest.of(right[1].encode()) == served.root.digest
    for code, said in (wrong, none):
        assert code == 1
        assert "unauthorized: authentication required" in said or "invalid username/password" in said


async def test_a_port_is_shut_and_opened_again(served: Served) -> None:
    await served.registry.misbehave("refuses")
    with pytest.raises(errors.RefusedError):
        await served.head(None)
    await served.registry.behave()
    assert await served.head(None) == served.root
