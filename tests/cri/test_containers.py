"""Containers of the embedded runtime: how they are started, held, limited, logged, and found again."""

import asyncio
import json
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from tests.cri.world import World, until, world
from tests.fulldisk import files_end_at
from tests.runtime import programs, tars

from pullscope.content import api as content
from pullscope.content.disk import DiskStore
from pullscope.content.memory import MemoryStore
from pullscope.cri.api import ContainerState, CriError, Mount, PodSandboxConfig, PodSandboxState
from pullscope.cri.embedded import EmbeddedRuntime
from pullscope.images import build, layers, probe
from pullscope.oci import media, toolbox
from pullscope.oci.digest import Digest
from pullscope.oci.documents import Descriptor, Index
from pullscope.oci.platform import WASI, Platform
from pullscope.remote.registries import Registries

EXITED = ContainerState.EXITED


async def pushed(w: World, wasm: bytes, **run: object) -> str:
    """An image whose program is `wasm`."""
    store = MemoryStore()
    marks = [layers.Entry(f"bin/{word}", toolbox.MARK) for word in toolbox.WORDS]
    layer = layers.write(store, [layers.Entry("bin/program", wasm, 0o755), *marks])
    config = {"Entrypoint": ["/bin/program"], **run}
    await w.push_root(w.name("some/program"), store, build.image(store, WASI, config, [layer]))
    return w.name("some/program")


# ------------------------------------------------------------------------------------------------ how they end


@pytest.mark.parametrize(
    ("wasm", "code", "reason", "log"),
    [
        (programs.HELLO, 0, "Completed", ["stdout F hello"]),
        (programs.EXIT_3, 3, "Error", ["stderr F hello"]),
        (programs.program("unreachable"), 134, "Error", []),
    ],
)
async def test_programs_that_end(w: World, wasm: bytes, code: int, reason: str, log: list[str]) -> None:
    container = await w.started(await pushed(w, wasm))
    status = await w.state(container, EXITED)
    assert (status.exit_code, status.reason) == (code, reason)
    assert status.finished_at >= status.started_at > 0
    assert w.log() == log


async def test_a_program_that_needs_more_memory_than_its_limit(w: World) -> None:
    container = await w.started(await pushed(w, programs.program("", pages=100)), memory_limit=2**20)
    status = await w.state(container, EXITED)
    assert (status.exit_code, status.reason) == (137, "OOMKilled")
    assert status.message == "the program needs 6553600 bytes of memory, its limit is 1048576"


async def test_a_program_that_spins_is_stopped(w: World) -> None:
    container = await w.started(await pushed(w, programs.SPIN))
    await w.runtime.stop_container(container, 30)
    assert (await w.runtime.container_status(container)).exit_code == 143


async def test_stopping_what_waits_for_its_turn_to_execute_does_not_wait(w: World) -> None:
    image = await pushed(w, programs.HELLO)
    await w.runtime.pull_image(image)
    container = await w.container(await w.sandbox(), image)
    w.runtime._executor._free = asyncio.Semaphore(0)  # as many programs execute as may
    starting = asyncio.ensure_future(w.runtime.start_container(container))
    while w.runtime._containers.get(container).starting is None:
        await w.clock.sleep(0)
    await w.runtime.stop_container(container, 30)
    with pytest.raises(CriError, match="was stopped while it was being started"):
        await starting
    status = await w.runtime.container_status(container)
    assert (status.state, status.exit_code, status.reason) == (EXITED, 128, "StartError")


async def test_a_start_that_is_given_up_runs_nothing(w: World) -> None:
    image = await pushed(w, programs.FOREVER)
    await w.runtime.pull_image(image)
    container = await w.container(await w.sandbox(), image)
    starting = asyncio.ensure_future(w.runtime.start_container(container))
    while w.runtime._containers.get(container).starting is None:
        await w.clock.sleep(0)
    starting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await starting
    assert (await w.runtime.container_status(container)).state is ContainerState.CREATED
    await w.runtime.stop_container(container, 30)
    await w.state(container, EXITED)
    while w.runtime._executor._executing:
        await w.clock.sleep(0.002)


async def test_what_is_no_program_fails_to_start(w: World) -> None:
    name = await pushed(w, b"\x7fELF...")
    with pytest.raises(CriError, match="exec /bin/program: exec format error: not a WebAssembly module"):
        await w.started(name)
    [status] = await w.runtime.list_containers()
    assert (status.state, status.exit_code, status.reason) == (EXITED, 128, "StartError")


async def test_a_word_of_the_toolbox_runs_as_a_program(w: World) -> None:
    await w.push(w.name())
    container = await w.started(
        w.name(), command=("sh", "-c"), args=("echo $HOSTNAME $A; exit 7",), envs=(("A", "b c"),)
    )
    assert (await w.state(container, EXITED)).exit_code == 7
    assert w.log() == ["stdout F pod b c"]


# ------------------------------------------------------------------------------------------------ what they are given


async def test_command_arguments_environment_and_directory(w: World) -> None:
    name = await pushed(
        w, programs.HELLO, Entrypoint=["sh", "-c"], Cmd=["pwd; env"], Env=["PATH=/bin", "B=image"], WorkingDir="/bin"
    )
    container = await w.started(name, envs=(("B", "pod"),))
    await w.state(container, EXITED)
    assert w.log() == [f"stdout F {line}" for line in ("/bin", "PATH=/bin", "HOSTNAME=pod", "B=pod")]
    sandbox = await w.sandbox("other", "uid-2")
    overridden = await w.container(sandbox, name, args=("echo $0 $1", "zero", "one"), working_dir="/", log_path="x.log")
    await w.runtime.start_container(overridden)
    await w.state(overridden, EXITED)
    assert w.log("uid-2", "x.log") == ["stdout F zero one"]


async def test_volumes_are_seen_and_the_image_is_not_changed(w: World, tmp_path: Path) -> None:
    (tmp_path / "volume").mkdir()
    (tmp_path / "volume" / "mounted.war").touch()
    await w.push(w.name())
    mounts = (
        Mount("/deployments/", str(tmp_path / "volume"), readonly=True),
        Mount("/new", str(tmp_path / "made" / "later")),
    )
    await w.started(w.name(), mounts=mounts)
    assert await w.logged(2) == ['stdout F Deployed "/deployments/mounted.war"', "stdout F ready"]
    assert (tmp_path / "made" / "later").is_dir()


@pytest.mark.parametrize(
    ("mount", "message"),
    [
        (Mount("relative", "{tmp}/volume"), "not a path inside the container"),
        (Mount("/", "{tmp}/volume"), "not a path inside the container"),
        (Mount("/etc/hosts", "{tmp}/file"), "this runtime mounts directories only"),
        (Mount("/below", "{tmp}/file/x"), "cannot mount"),
    ],
)
async def test_mounts_that_cannot_be_are_refused(w: World, tmp_path: Path, mount: Mount, message: str) -> None:
    (tmp_path / "file").touch()
    await w.push(w.name())
    await w.runtime.pull_image(w.name())
    mount = Mount(mount.container_path, mount.host_path.format(tmp=tmp_path))
    with pytest.raises(CriError, match=f"container create failed: .*{message}"):
        await w.container(await w.sandbox(), w.name(), mounts=(mount,))
    assert await w.runtime.list_containers() == []


# ------------------------------------------------------------------------------------------------ held


async def held(w: World) -> str:
    store = MemoryStore()
    root = probe.variant(store, {"node.war": b"1", "b.war": b"2"})
    linux = [
        entry for entry in Index.parse(store.open(root.digest).read()).manifests if str(entry.platform) == w.machine
    ]
    await w.push_root(w.name(), store, build.index(store, linux))
    return w.name()


async def test_an_image_for_another_platform_is_held_and_says_so(w: World) -> None:
    container = await w.started(await held(w))
    status = await w.runtime.container_status(container)
    assert (status.state, status.executed) == (ContainerState.RUNNING, False)
    assert w.log() == [
        f"stdout F held, not executed: the image is for {w.machine}, this runtime executes wasi/wasm",
        f"stdout F from layers, not executed: /deployments/b.war {Digest.of(b'2')}",
        f"stdout F from layers, not executed: /deployments/node.war {Digest.of(b'1')}",
    ]
    assert list((w.root / "node" / "trees").iterdir()) == []  # indexed, not unpacked
    with pytest.raises(CriError, match="the container is held"):
        await w.runtime.exec(container, ["ls"], stdin=False, tty=False)
    await w.runtime.stop_container(container, 0)
    assert (await w.runtime.container_status(container)).exit_code == 143


async def test_a_real_image_has_devices_and_absolute_links_and_is_held(w: World) -> None:
    store = MemoryStore()
    blob, diff_id = tars.layer(
        tars.other("dev/console", b"3"), tars.symlink("bin", "/usr/bin"), tars.file("deployments/x.war", b"x")
    )
    layer = layers.Layer(Descriptor.of(media.OCI_LAYER_GZIP, blob.getvalue()), diff_id)
    content.put(store, blob.getvalue())
    await w.push_root(w.name(), store, build.image(store, Platform.parse(w.machine), {}, [layer]))
    await w.started(w.name())
    assert w.log()[1:] == [f"stdout F from layers, not executed: /deployments/x.war {Digest.of(b'x')}"]


# ------------------------------------------------------------------------------------------------ many


def programs_executing() -> int:
    return sum(thread.name == "pullscope-program" for thread in threading.enumerate())


async def test_parked_containers_hold_no_thread_and_no_descriptor(w: World) -> None:
    await w.push(w.name())
    await w.runtime.pull_image(w.name())
    sandbox = await w.sandbox()
    files = len(list(Path("/proc/self/fd").iterdir())) if sys.platform == "linux" else 0
    containers = [await w.container(sandbox, w.name(), log_path=f"{number}.log") for number in range(100)]
    await asyncio.gather(*map(w.runtime.start_container, containers))
    for number in range(100):
        await until(lambda: asyncio.to_thread(w.log, path=f"{number}.log"), lambda lines: len(lines) == 2)  # noqa: B023
    await until(lambda: asyncio.to_thread(programs_executing), lambda count: count == 0)
    if sys.platform == "linux":
        assert len(list(Path("/proc/self/fd").iterdir())) <= files + 30
    await w.runtime.stop_pod_sandbox(sandbox)
    assert {status.exit_code for status in await w.runtime.list_containers()} == {143}


async def test_addresses_are_not_given_to_the_next_pod(w: World) -> None:
    first = await w.sandbox("a", "a")
    [sandbox] = await w.runtime.list_pod_sandbox()
    assert sandbox.ip == "10.128.0.4"
    await w.runtime.remove_pod_sandbox(first)
    await w.sandbox("b", "b")
    [sandbox] = await w.runtime.list_pod_sandbox()
    assert sandbox.ip == "10.128.0.5"
    own = await w.runtime.run_pod_sandbox(PodSandboxConfig("c", "c", "default", host_network=True))
    assert {sandbox.id: sandbox.ip for sandbox in await w.runtime.list_pod_sandbox()}[own] == ""


# ------------------------------------------------------------------------------------------------ a full disk


async def test_a_log_that_cannot_grow_is_a_failed_write_of_the_program(w: World) -> None:
    await w.push(w.name())
    await w.runtime.pull_image(w.name())
    container = await w.container(await w.sandbox(), w.name())
    log = w.root / "logs" / "uid-1" / "app" / "0.log"
    log.write_bytes(b"x" * 200_000)
    with files_end_at(200_010):
        await w.runtime.start_container(container)
        assert (await w.state(container, EXITED)).exit_code == 1  # the probe says that it cannot write
    assert log.stat().st_size == 200_000


# ------------------------------------------------------------------------------------------------ a restart


async def test_a_restart_finds_images_again_and_reports_containers_as_ended(tmp_path: Path) -> None:
    blobs = DiskStore(tmp_path / "blobs")
    async with world(tmp_path, blobs=blobs) as w:
        await w.push(w.name())
        container = await w.started(w.name(), labels={"a": "b"})
        before = await w.runtime.container_status(container), await w.runtime.list_images()
        await w.runtime.close()
        again = EmbeddedRuntime(tmp_path / "node", blobs, w.clock, Registries(w.http))
        status = await again.container_status(container)
        assert (status.state, status.exit_code, status.labels) == (EXITED, 143, {"a": "b"})
        assert (status.image_ref, status.started_at) == (before[0].image_ref, before[0].started_at)
        assert await again.list_images() == before[1]
        [sandbox] = await again.list_pod_sandbox()
        assert (sandbox.state, sandbox.config.uid) == (PodSandboxState.NOT_READY, "uid-1")
        await again.remove_pod_sandbox(sandbox.id)
        assert await again.list_containers() == []
        await again.close()


async def test_a_restart_keeps_containers_in_the_order_of_their_creation(tmp_path: Path) -> None:
    blobs = DiskStore(tmp_path / "blobs")
    async with world(tmp_path, blobs=blobs) as w:
        await w.push(w.name())
        made = [await w.started(w.name()) for _ in range(6)]
        await w.runtime.close()
        again = EmbeddedRuntime(tmp_path / "node", blobs, w.clock, Registries(w.http))
        assert [status.id for status in await again.list_containers()] == made
        await again.close()


_KILLED = """
import asyncio, json, sys
from pathlib import Path
import aiohttp
from pullscope.remote.registries import Registries
from pullscope.base.clock import SystemClock
from pullscope.content import api as content
from pullscope.content.disk import DiskStore
from pullscope.cri.api import ContainerConfig, PodSandboxConfig
from pullscope.cri.embedded import EmbeddedRuntime

async def main(root, name):
    async with aiohttp.ClientSession() as http:
        runtime = EmbeddedRuntime(root / "node", DiskStore(root / "blobs"), SystemClock(), Registries(http))
        image = await runtime.pull_image(name)
        sandbox = await runtime.run_pod_sandbox(PodSandboxConfig("pod", "uid-1", "default", log_directory=str(root)))
        container = await runtime.create_container(sandbox, ContainerConfig("app", image, name, log_path="app.log"))
        await runtime.start_container(container)
        print(json.dumps([image, container]), flush=True)
        await asyncio.Event().wait()

asyncio.run(main(Path(sys.argv[1]), sys.argv[2]))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="kill -9 is Unix's")
async def test_kill_9_loses_nothing(tmp_path: Path) -> None:
    async with world(tmp_path / "here") as w:
        await w.push(w.name())
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", _KILLED, str(tmp_path), w.name(), stdout=subprocess.PIPE
        )
        assert process.stdout is not None
        image, container = json.loads(await process.stdout.readline())
        process.send_signal(signal.SIGKILL)
        await process.wait()
        (tmp_path / "node" / "trees" / ".half").mkdir()
        again = EmbeddedRuntime(tmp_path / "node", DiskStore(tmp_path / "blobs"), w.clock, Registries(w.http))
        status = await again.container_status(container)
        assert (status.state, status.exit_code, status.message) == (
            EXITED,
            255,
            "the runtime that ran this container ended",
        )
        found = await again.image_status(w.name())
        assert found is not None
        assert found.id == image
        assert [path.name for path in (tmp_path / "node" / "trees").iterdir()] == [image]
        assert [sandbox.state for sandbox in await again.list_pod_sandbox()] == [PodSandboxState.NOT_READY]
        await again.close()
