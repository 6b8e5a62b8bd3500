"""What every runtime behind `cri.api` must do, whichever it is (backends.py)."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from tests.cri.backends import BACKENDS, Runtime
from tests.cri.world import until

from pullscope.cri.api import (
    ContainerConfig,
    ContainerEvent,
    ContainerEventType,
    ContainerState,
    CriError,
    PodSandboxConfig,
    PodSandboxState,
)
from pullscope.oci import reference
from pullscope.oci.documents import Descriptor


@dataclass
class Node:
    """A node under test, with short ways to do what every test does."""

    runtime: Runtime
    registry: str
    logs: Path
    push: object

    def name(self, repository: str = "team/app", tag: str = "v1") -> str:
        return f"{self.registry}/{repository}:{tag}"

    async def pushed(self, name: str, wars: str = "node.war", **labels: str) -> Descriptor:
        root = await self.push(name, wars, labels)  # type: ignore[operator]
        assert isinstance(root, Descriptor)
        return root

    async def pulled(self, name: str | None = None, wars: str = "node.war", **labels: str) -> str:
        await self.pushed(name or self.name(), wars, **labels)
        return await self.runtime.pull_image(name or self.name())

    def sandbox_config(self, name: str = "pod") -> PodSandboxConfig:
        return PodSandboxConfig(name, f"uid-{name}", "default", hostname=name, log_directory=str(self.logs / name))

    async def container(self, sandbox: str, image: str, **fields: object) -> str:
        config = ContainerConfig("app", image, self.name(), log_path="app/0.log")
        return await self.runtime.create_container(sandbox, replace(config, **fields))  # type: ignore[arg-type]

    async def log(self, count: int) -> list[str]:
        async def read() -> list[str]:
            return (self.logs / "pod" / "app" / "0.log").read_text().splitlines()

        return await until(read, lambda lines: len(lines) >= count)


@pytest.fixture(params=list(BACKENDS))
async def node(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Node]:
    async with BACKENDS[request.param](tmp_path) as backend:
        yield Node(backend.runtime, backend.registry, backend.logs, backend.push)


# ------------------------------------------------------------------------------------------------ images


async def test_a_pulled_image_is_listed_with_its_names(node: Node) -> None:
    root = await node.pushed(node.name())
    image_id = await node.runtime.pull_image(node.name())
    [image] = await node.runtime.list_images()
    repository = reference.parse(node.name())
    assert (image.id, image.repo_tags) == (image_id, (node.name(),))
    assert image.repo_digests == (str(repository.with_digest(root.digest)),)
    assert image.size > 0
    for name in (node.name(), image_id, image.repo_digests[0], image_id[:13]):
        assert await node.runtime.image_status(name) == image


async def test_an_image_that_is_not_there_has_no_status(node: Node) -> None:
    for name in (node.name(), "0" * 64, "docker.io/library/nosuch:v1", "Not A Name"):
        assert await node.runtime.image_status(name) is None
    await node.runtime.remove_image(node.name())  # no error


async def test_a_moved_tag_leads_to_the_new_image_and_the_old_one_stays_without_it(node: Node) -> None:
    old = await node.pulled(wars="node.war")
    new = await node.pulled(wars="registry.war")
    assert old != new
    found = {image.id: image for image in await node.runtime.list_images()}
    assert (found[old].repo_tags, found[new].repo_tags) == ((), (node.name(),))
    assert len(found[old].repo_digests) == 1
    status = await node.runtime.image_status(node.name())
    assert status is not None
    assert status.id == new


async def test_names_of_one_image_are_removed_together(node: Node) -> None:
    image_id = await node.pulled(node.name(tag="v1"))
    assert await node.pulled(node.name("other/app", "v2")) == image_id
    [image] = await node.runtime.list_images()
    assert set(image.repo_tags) == {node.name(), node.name("other/app", "v2")}
    await node.runtime.remove_image(node.name())
    assert await node.runtime.list_images() == []


async def test_pulling_by_digest_gives_no_tag(node: Node) -> None:
    root = await node.pushed(node.name())
    name = str(reference.parse(node.name()).with_digest(root.digest))
    image_id = await node.runtime.pull_image(name)
    [image] = await node.runtime.list_images()
    assert (image.id, image.repo_tags, image.repo_digests) == (image_id, (), (name,))


async def test_a_missing_tag_is_an_error_and_changes_nothing(node: Node) -> None:
    image_id = await node.pulled()
    with pytest.raises(CriError, match=r"manifest unknown|not found"):
        await node.runtime.pull_image(node.name(tag="v2"))
    assert [image.id for image in await node.runtime.list_images()] == [image_id]


# ------------------------------------------------------------------------------------------------ pods


async def test_a_sandbox_lives_from_run_to_remove(node: Node) -> None:
    first = await node.runtime.run_pod_sandbox(node.sandbox_config("a"))
    second = await node.runtime.run_pod_sandbox(node.sandbox_config("b"))
    listed = {sandbox.id: sandbox for sandbox in await node.runtime.list_pod_sandbox()}
    assert listed[first].config == node.sandbox_config("a")
    assert await node.runtime.pod_sandbox_status(first) == listed[first]
    assert listed[first].ip
    assert listed[first].ip != listed[second].ip
    await node.runtime.stop_pod_sandbox(first)
    await node.runtime.stop_pod_sandbox(first)
    states = {sandbox.id: sandbox.state for sandbox in await node.runtime.list_pod_sandbox()}
    assert states == {first: PodSandboxState.NOT_READY, second: PodSandboxState.READY}
    for _ in range(2):
        await node.runtime.remove_pod_sandbox(first)
    assert [sandbox.id for sandbox in await node.runtime.list_pod_sandbox()] == [second]
    with pytest.raises(CriError, match="could not find pod") as raised:
        await node.runtime.pod_sandbox_status(first)
    assert raised.value.code == "NotFound"


async def test_a_container_lives_from_create_to_remove(node: Node) -> None:
    root = await node.pushed(node.name())
    image = await node.runtime.pull_image(node.name())
    sandbox = await node.runtime.run_pod_sandbox(node.sandbox_config())
    container = await node.container(sandbox, image, labels={"l": "1"}, annotations={"a": "2"}, attempt=3)
    created = await node.runtime.container_status(container)
    assert (created.state, created.started_at, created.pod_sandbox_id) == (ContainerState.CREATED, 0, sandbox)
    assert (created.name, created.attempt, created.labels, created.annotations) == ("app", 3, {"l": "1"}, {"a": "2"})
    assert (created.image, created.image_id) == (node.name(), image)
    assert created.image_ref == str(reference.parse(node.name()).with_digest(root.digest))

    await node.runtime.start_container(container)
    lines = await node.log(2)
    assert [line.split(" ", 1)[1] for line in lines] == ['stdout F Deployed "/deployments/node.war"', "stdout F ready"]
    running = await node.runtime.container_status(container)
    assert (running.state, running.executed) == (ContainerState.RUNNING, True)
    assert running.started_at >= running.created_at

    for _ in range(2):
        await node.runtime.stop_container(container, 1)
    exited = await node.runtime.container_status(container)
    assert (exited.state, exited.exit_code, exited.reason) == (ContainerState.EXITED, 143, "Error")
    assert exited.finished_at >= exited.started_at
    assert await node.runtime.list_containers() == [exited]
    for _ in range(2):
        await node.runtime.remove_container(container)
    assert await node.runtime.list_containers() == []
    with pytest.raises(CriError) as raised:
        await node.runtime.container_status(container)
    assert raised.value.code == "NotFound"


async def test_stopping_what_is_not_there_is_no_error(node: Node) -> None:
    await node.runtime.stop_container("0" * 64, 0)
    await node.runtime.remove_container("0" * 64)
    await node.runtime.stop_pod_sandbox("0" * 64)
    await node.runtime.remove_pod_sandbox("0" * 64)


async def test_a_container_needs_a_ready_sandbox_and_an_image(node: Node) -> None:
    image = await node.pulled()
    with pytest.raises(CriError):
        await node.container("0" * 64, image)
    sandbox = await node.runtime.run_pod_sandbox(node.sandbox_config())
    with pytest.raises(CriError):
        await node.container(sandbox, "0" * 64)
    await node.runtime.stop_pod_sandbox(sandbox)
    with pytest.raises(CriError):
        await node.container(sandbox, image)


async def test_a_container_starts_once(node: Node) -> None:
    sandbox = await node.runtime.run_pod_sandbox(node.sandbox_config())
    container = await node.container(sandbox, await node.pulled())
    await node.runtime.start_container(container)
    with pytest.raises(CriError):
        await node.runtime.start_container(container)
    assert (await node.runtime.container_status(container)).state is ContainerState.RUNNING


async def test_a_command_that_is_not_there_fails(node: Node) -> None:
    sandbox = await node.runtime.run_pod_sandbox(node.sandbox_config())
    with pytest.raises(CriError, match=r"executable file `nosuch` not found in \$PATH"):
        await node.container(sandbox, await node.pulled(), command=("nosuch",))


async def test_removing_a_sandbox_takes_its_containers_along(node: Node) -> None:
    sandbox = await node.runtime.run_pod_sandbox(node.sandbox_config())
    container = await node.container(sandbox, await node.pulled())
    await node.runtime.start_container(container)
    await node.runtime.stop_pod_sandbox(sandbox)
    assert (await node.runtime.container_status(container)).state is ContainerState.EXITED
    await node.runtime.remove_pod_sandbox(sandbox)
    assert await node.runtime.list_containers() == []


async def test_an_image_in_use_stays(node: Node) -> None:
    image = await node.pulled()
    sandbox = await node.runtime.run_pod_sandbox(node.sandbox_config())
    container = await node.container(sandbox, image)
    with pytest.raises(CriError, match=f"image used by {container}: image is in use by a container"):
        await node.runtime.remove_image(node.name())
    with pytest.raises(CriError, match=f"^delete image: image used by {container}: image is in use by a container"):
        await node.runtime.remove_image(image[:13])
    await node.runtime.remove_container(container)
    await node.runtime.remove_image(node.name())
    assert await node.runtime.list_images() == []


async def test_events_tell_of_everything_in_order(node: Node) -> None:
    image = await node.pulled()
    events = node.runtime.container_events()
    sandbox = await node.runtime.run_pod_sandbox(node.sandbox_config())
    container = await node.container(sandbox, image)
    await node.runtime.start_container(container)
    await node.runtime.stop_container(container, 0)
    await node.runtime.remove_pod_sandbox(sandbox)
    expected = [
        (sandbox, "CREATED"), (sandbox, "STARTED"), (container, "CREATED"), (container, "STARTED"),
        (container, "STOPPED"), (sandbox, "STOPPED"), (container, "DELETED"), (sandbox, "DELETED"),
    ]  # fmt: skip
    found: list[ContainerEvent] = []
    async for event in events:
        found.append(event)
        if len(found) == len(expected):
            break
    wanted = [ContainerEvent(id_, ContainerEventType[kind], sandbox, "uid-pod") for id_, kind in expected]
    assert found == wanted


async def test_attach_shows_what_is_written_from_now_on(node: Node) -> None:
    sandbox = await node.runtime.run_pod_sandbox(node.sandbox_config())
    container = await node.container(sandbox, await node.pulled(), command=("sh",), stdin=True)
    await node.runtime.start_container(container)
    first = await node.runtime.attach(container, stdin=True, tty=False)
    await first.write(b"echo one\n")
    assert await anext(first.output()) == (1, b"one\n")
    second = await node.runtime.attach(container, stdin=False, tty=False)
    await first.write(b"echo two; sleep infinity\n")
    output = second.output()
    assert await anext(output) == (1, b"two\n")
    await first.close()
    assert (await node.runtime.container_status(container)).state is ContainerState.RUNNING
    await node.runtime.stop_container(container, 0)
    assert [piece async for piece in output] == []
    assert await second.wait() == 143


async def test_exec_runs_beside_the_program(node: Node) -> None:
    sandbox = await node.runtime.run_pod_sandbox(node.sandbox_config())
    container = await node.container(sandbox, await node.pulled())
    await node.runtime.start_container(container)
    session = await node.runtime.exec(container, ["sh", "-c", "cat; echo bad >missing"], stdin=True, tty=False)
    await session.close()
    session = await node.runtime.exec(container, ["cat"], stdin=True, tty=False)
    await session.write(b"one\ntwo\n")
    await session.close_stdin()
    assert b"".join([data async for _, data in session.output()]) == b"one\ntwo\n"
    assert await session.wait() == 0
    session = await node.runtime.exec(container, ["ls", "/deployments"], stdin=False, tty=False)
    assert [piece async for piece in session.output()] == [(1, b"node.war\n")]
    session = await node.runtime.exec(container, ["bash"], stdin=False, tty=False)
    [(stream, said)] = [piece async for piece in session.output()]
    assert (stream, await session.wait()) == (2, 1)
    assert b"executable file `bash` not found" in said
    assert (await node.runtime.container_status(container)).state is ContainerState.RUNNING


async def test_leaving_an_exec_ends_its_program(node: Node) -> None:
    sandbox = await node.runtime.run_pod_sandbox(node.sandbox_config())
    container = await node.container(sandbox, await node.pulled())
    with pytest.raises(CriError, match=r"not created or running|not running"):
        await node.runtime.exec(container, ["true"], stdin=False, tty=False)
    await node.runtime.start_container(container)
    session = await node.runtime.exec(container, ["sleep", "infinity"], stdin=False, tty=False)
    waiting = asyncio.ensure_future(session.wait())
    await session.close()
    assert await waiting == 143
