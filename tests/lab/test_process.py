"""What a lab's process does for commands, in this event loop: what it remembers, refuses, and leaves behind."""

import asyncio
import dataclasses
import json
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from tests.lab import inprocess

from pullscope import __version__
from pullscope.base.clock import SystemClock
from pullscope.base.errors import UsageError
from pullscope.cri.api import CriError
from pullscope.kube.status import ApiError
from pullscope.lab import control, kubeconfig, lifecycle, logfile, names, process
from pullscope.lab.settings import OtherReleaseError, Settings, Wanted
from pullscope.lab.state import StateDirectory
from pullscope.lab.userconfig import UserConfig

CLOCK = SystemClock()


@pytest.fixture
def config(tmp_path: Path) -> UserConfig:
    return UserConfig([tmp_path / "kube" / "config"], tmp_path, CLOCK)


def contexts(config: UserConfig) -> list[str]:
    (path,) = config.files
    return [each["name"] for each in kubeconfig.parse(path.read_bytes(), path)["contexts"]]


async def test_a_lab_that_runs_is_used_as_it_is(tmp_path: Path, config: UserConfig) -> None:
    async with inprocess.running(tmp_path) as state:
        up = await lifecycle.up(state, Wanted(), config, CLOCK)
        assert not up.started
        assert up.status == await lifecycle.status(state) | {"memory_bytes": up.status["memory_bytes"]}
        assert contexts(config) == ["pullscope", "pullscope-developer"]
        for wanted, difference in (
            (Wanted(nodes=2), "1 node"),
            (Wanted(api_port=1), "its API server at https://127.0.0.1:"),
            (Wanted(registry_port=1), "its registry at 127.0.0.1:"),
            (Wanted(always_pull_images=True), "AlwaysPullImages off"),
        ):
            with pytest.raises(UsageError, match=f"^the lab default is already running, with {difference}"):
                await lifecycle.up(state, wanted, config, CLOCK)
        assert await lifecycle.stop(state, config, CLOCK) == lifecycle.Stopped(was_running=True)
    assert (await lifecycle.status(state))["state"] == "stopped"
    assert await lifecycle.stop(state, config, CLOCK) == lifecycle.Stopped(was_running=False)
    assert not config.files[0].exists()


async def test_labs_live_side_by_side(tmp_path: Path, config: UserConfig) -> None:
    async with inprocess.running(tmp_path, name="first") as first, inprocess.running(tmp_path, name="second") as second:
        ups = [await lifecycle.up(state, Wanted(), config, CLOCK) for state in (first, second)]
        assert len({up.status[key] for up in ups for key in ("server", "registry")}) == 4
        await lifecycle.delete(first, config, CLOCK)
        assert contexts(config) == ["pullscope-second", "pullscope-second-developer"]
        assert (first.exists, (await lifecycle.status(second))["state"]) == (False, "running")


async def test_what_a_lab_was_made_with_is_remembered(tmp_path: Path) -> None:
    async with inprocess.running(tmp_path, Wanted(nodes=2, always_pull_images=True)) as state:
        pass
    async with inprocess.running(tmp_path) as state:
        assert [node["name"] for node in (await lifecycle.status(state))["nodes"]] == ["crc", "crc-2"]
        assert state.read_settings() == Settings(nodes=2, always_pull_images=True)
    with pytest.raises(UsageError, match="the lab default has 2 nodes: more can be added, none taken away"):
        async with inprocess.running(tmp_path, Wanted(nodes=1)):
            pass
    async with inprocess.running(tmp_path, Wanted(nodes=11, always_pull_images=False)) as state:
        assert state.read_settings() == Settings(nodes=11)
        nodes = (await lifecycle.status(state))["nodes"]
        assert [node["name"] for node in nodes] == list(names.of_nodes(11))


async def test_a_start_that_is_refused_changes_nothing(tmp_path: Path) -> None:
    async with inprocess.running(tmp_path) as state:
        taken = int((await lifecycle.status(state))["server"].rpartition(":")[2])
        async with inprocess.running(tmp_path, name="other") as other:
            pass
        with pytest.raises(UsageError, match=f"port {taken} for the API server is taken"):
            async with inprocess.running(tmp_path, Wanted(nodes=2, api_port=taken), name="other"):
                pass
    assert other.read_settings() == Settings()


async def test_nothing_of_an_ephemeral_lab_is_kept(tmp_path: Path, config: UserConfig) -> None:
    async with inprocess.running(tmp_path, Wanted(ephemeral=True)) as state:
        await lifecycle.up(state, Wanted(ephemeral=True), config, CLOCK)
        await lifecycle.sweep(tmp_path, config)
        assert state.is_running
        await lifecycle.stop(state, config, CLOCK)
    assert not state.exists
    assert not config.files[0].exists()


async def test_what_an_ephemeral_lab_left_that_was_killed_is_swept_away(tmp_path: Path, config: UserConfig) -> None:
    async with inprocess.running(tmp_path, name="kept") as kept:
        pass
    async with inprocess.running(tmp_path, Wanted(ephemeral=True)) as state:
        await lifecycle.up(state, Wanted(), config, CLOCK)
    assert state.exists
    await lifecycle.sweep(tmp_path, config)
    assert (state.exists, kept.exists, config.files[0].exists()) == (False, True, False)


async def test_a_lab_that_is_kept_does_not_become_ephemeral(tmp_path: Path, config: UserConfig) -> None:
    async with inprocess.running(tmp_path) as state:
        with pytest.raises(UsageError, match="the lab default is there, and is kept"):
            await lifecycle.up(state, Wanted(ephemeral=True), config, CLOCK)


@pytest.mark.parametrize(
    ("change", "whose"),
    [
        (
            lambda path: path.write_text(json.dumps({"release": "99.1", "new": True}), encoding="utf-8"),
            "pullscope 99.1",
        ),
        (Path.unlink, "an earlier release"),
    ],
)
async def test_a_lab_of_another_release_is_refused(
    tmp_path: Path, config: UserConfig, change: Callable[[Path], object], whose: str
) -> None:
    async with inprocess.running(tmp_path) as state:
        pass
    change(state.root / "lab.json")
    with pytest.raises(OtherReleaseError) as caught:
        await lifecycle.up(state, Wanted(), config, CLOCK)
    assert caught.value.message == f"the lab default was made by {whose}, this is {__version__}"
    assert caught.value.hint == "`pullscope delete` removes it, `pullscope up` then makes a new one"
    await lifecycle.delete(state, config, CLOCK)
    assert not state.exists


async def test_a_lab_that_is_on_its_way_up_is_waited_for(tmp_path: Path, config: UserConfig) -> None:
    state = StateDirectory("default", tmp_path)
    state.create()
    lock = state.lock()
    stopping = asyncio.create_task(lifecycle.stop(state, config, CLOCK))
    assert (await lifecycle.status(state))["state"] == "starting"
    assert not stopping.done()
    lock.release()
    assert await stopping == lifecycle.Stopped(was_running=False)


async def test_a_lab_on_its_way_down_says_so(tmp_path: Path) -> None:
    """Its API server waits for whoever still watches, which gives us the time to ask."""
    async with inprocess.running(tmp_path) as state:
        run = state.read_run()
        access = kubeconfig.access_in(state.root / "kubeconfig")
        trusting = ssl.create_default_context(cadata=access.ca.decode())
        headers = {"Authorization": f"Bearer {access.token}"}
        watch = f"{access.server}/api/v1/pods?watch=true&resourceVersion=0"
        async with aiohttp.ClientSession(headers=headers) as session, session.get(watch, ssl=trusting):
            assert run is not None
            assert (await control.ask(run, "stop"))["state"] == "stopping"
            assert (await lifecycle.status(state))["state"] == "stopping"


async def test_a_process_that_does_not_answer_is_shown(tmp_path: Path) -> None:
    async with inprocess.running(tmp_path) as state:
        run = state.read_run()
        assert run is not None
        state.write_run(dataclasses.replace(run, control_token="forged"))
        assert (await lifecycle.status(state))["state"] == "error"
        state.write_run(run)


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (UsageError("not so", hint="but so"), ("not so", "but so", 2, True)),
        (OSError(28, "No space left on device", "/x/state"), ("/x/state: No space left on device", "", 3, True)),
        (ApiError(500, "InternalError", "the disk is full"), ("the disk is full", "", 3, True)),
        (CriError("the disk is full"), ("the disk is full", "", 3, True)),
        (KeyError("x"), ("KeyError: 'x'", "`pullscope logs` says more", 3, False)),
    ],
)
def test_why_a_lab_did_not_come_up_is_told(error: Exception, told: tuple[str, str, int, bool]) -> None:
    """`refused` means that there is nothing more in the log: a first start then leaves no directory behind."""
    reports: list[dict[str, Any]] = []
    process.report_failure(error, reports.append)
    (report,) = reports
    assert tuple(report[key] for key in ("error", "hint", "exit_code", "refused")) == told


async def test_the_log_is_read_from_its_end_and_followed(tmp_path: Path) -> None:
    async with inprocess.running(tmp_path) as state:
        state.log.write_bytes(b"one\ntwo\nthree\nha")
        last = [text async for text in logfile.read(state, CLOCK, lines=2, follow=False)]
        assert "".join(last) == "three\nha"
        assert [text async for text in logfile.read(state, CLOCK, lines=0, follow=False)] == []
        following = logfile.read(state, CLOCK, lines=1, follow=True)
        assert await anext(following) == "ha"
        with state.log.open("ab") as log:
            log.write(b"lf\n")
        assert await anext(following) == "lf\n"
        await lifecycle.stop(state, UserConfig([tmp_path / "config"], tmp_path, CLOCK), CLOCK)
        assert [text async for text in following] == []
