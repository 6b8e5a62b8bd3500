"""The user's kubeconfig files."""

import asyncio
import os
import stat
from pathlib import Path

import pytest
from tests.lab.test_kubeconfig import ACCESS, OTHER

from pullscope.base.clock import ManualClock, SystemClock
from pullscope.lab import kubeconfig, userconfig
from pullscope.lab.userconfig import Added, UserConfig


def config(home: Path, *files: Path) -> UserConfig:
    return UserConfig(files, home, SystemClock())


def contexts(path: Path) -> list[str]:
    return [each["name"] for each in kubeconfig.parse(path.read_bytes(), path)["contexts"]]


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        (b"a: [", "while parsing"),
        (b"- a\n", "it is not a mapping"),
        (b"contexts: {}\n", "contexts is not a list"),
        (b"users: [{user: {}}]\n", "users has an entry without a name"),
        (b"\xff\xfe\xff", "unacceptable character"),
    ],
)
async def test_a_file_that_is_no_kubeconfig_is_named_and_left_alone(tmp_path: Path, text: bytes, wrong: str) -> None:
    path = tmp_path / "config"
    path.write_bytes(text)
    with pytest.raises(kubeconfig.MalformedKubeconfigError, match=wrong) as caught:
        await config(tmp_path, path).add(ACCESS)
    assert str(path) in caught.value.message
    assert path.read_bytes() == text
    assert list(tmp_path.iterdir()) == [path]


async def test_the_first_context_becomes_the_current_one(tmp_path: Path) -> None:
    path = tmp_path / "kube" / "config"
    mine = config(tmp_path, path)
    assert await mine.add(ACCESS) == Added(path, current=True)
    assert await mine.add(OTHER) == Added(path, current=False)
    await mine.remove(ACCESS.context)
    assert contexts(path) == ["pullscope-x", "pullscope-x-developer"]


async def test_a_file_that_was_made_for_labs_goes_with_the_last_one(tmp_path: Path) -> None:
    path = tmp_path / "kube" / "config"
    mine = config(tmp_path, path)
    await mine.add(ACCESS)
    await mine.add(OTHER)
    await mine.remove(ACCESS.context)
    await mine.remove(OTHER.context)
    assert not path.exists()
    path.write_bytes(b"")
    await mine.add(ACCESS)
    await mine.remove(ACCESS.context)
    assert path.exists()  # this one is the user's


async def test_a_lab_leaves_the_file_that_it_came_to_whatever_kubectl_reads_by_then(tmp_path: Path) -> None:
    first, other = tmp_path / "first", tmp_path / "other"
    await config(tmp_path, first).add(ACCESS)
    await config(tmp_path, first).add(OTHER)
    await config(tmp_path, other).remove(ACCESS.context)
    assert contexts(first) == ["pullscope-x", "pullscope-x-developer"]
    await config(tmp_path, other).remove(OTHER.context)
    assert [path.name for path in tmp_path.iterdir()] == ["kubeconfigs.json"]
    assert (tmp_path / "kubeconfigs.json").read_bytes() == b"{}"


@pytest.mark.parametrize("record", [b"", b"[]", b'{"/x": 1}', b'{"/x": {"made": true}}'])
async def test_a_damaged_record_is_no_obstacle(tmp_path: Path, record: bytes) -> None:
    path = tmp_path / "config"
    await config(tmp_path, path).add(ACCESS)
    (tmp_path / "kubeconfigs.json").write_bytes(record)
    await config(tmp_path, path).remove(ACCESS.context)
    assert contexts(path) == []


async def test_a_file_that_got_something_of_the_users_stays(tmp_path: Path) -> None:
    path = tmp_path / "config"
    mine = config(tmp_path, path)
    await mine.add(ACCESS)
    theirs = kubeconfig.merge(kubeconfig.parse(path.read_bytes(), path), OTHER, make_current=False)
    path.write_bytes(kubeconfig.render(theirs))
    await mine.remove(ACCESS.context)
    assert contexts(path) == ["pullscope-x", "pullscope-x-developer"]


async def test_a_current_context_in_any_of_the_files_counts(tmp_path: Path) -> None:
    first, last = tmp_path / "a", tmp_path / "b"
    first.write_text("current-context: work\n", encoding="utf-8")
    assert await config(tmp_path, first, last).add(ACCESS) == Added(last, current=False)
    assert first.read_text(encoding="utf-8") == "current-context: work\n"


async def test_labs_that_come_up_at_once_both_find_their_place(tmp_path: Path) -> None:
    path = tmp_path / "config"
    mine = config(tmp_path, path)
    await asyncio.gather(mine.add(ACCESS), mine.add(OTHER))
    assert sorted(contexts(path)) == sorted(
        each for access in (ACCESS, OTHER) for each in (access.context, access.developer_context)
    )


async def test_a_lock_of_another_program_is_waited_for_and_then_named(tmp_path: Path) -> None:
    path, clock = tmp_path / "config", ManualClock()
    lock = tmp_path / "config.lock"
    lock.touch()
    adding = asyncio.create_task(UserConfig([path], tmp_path, clock).add(ACCESS))
    while not adding.done():
        await clock.sleep(0)
        clock.advance(0.02)
    with pytest.raises(userconfig.LockedKubeconfigError, match="another program is changing"):
        await adding
    assert clock.monotonic() >= 2
    assert lock.exists()
    assert not path.exists()


@pytest.mark.skipif(os.name == "nt", reason="POSIX modes and links")
async def test_tokens_are_the_users_alone_and_links_stay_links(tmp_path: Path) -> None:
    real, link = tmp_path / "real", tmp_path / "link"
    link.symlink_to(real)
    await config(tmp_path, link).add(ACCESS)
    assert link.is_symlink()
    assert stat.S_IMODE(real.stat().st_mode) == 0o600


def test_the_files_are_those_of_the_environment(tmp_path: Path) -> None:
    a, b = tmp_path / "a", tmp_path / "b"
    assert userconfig.paths({"KUBECONFIG": f"{a}{os.pathsep}{os.pathsep}{b}"}) == [a, b]
    assert userconfig.paths({}) == [Path.home() / ".kube" / "config"]
