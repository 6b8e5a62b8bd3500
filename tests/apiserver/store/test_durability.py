"""The state file: what is acknowledged stays, what cannot be written is said, what is not ours is refused."""

import asyncio
import contextlib
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from pullscope.apiserver.store import database
from pullscope.apiserver.store.database import StateFileError
from pullscope.apiserver.store.records import Key, key
from pullscope.apiserver.store.store import Store
from pullscope.kube.resources import PODS
from pullscope.kube.status import ApiError


def at(name: str) -> Key:
    return key(PODS, "demo", name)


def pod(name: str, **extra: Any) -> dict[str, Any]:
    return {"kind": "Pod", "metadata": {"name": name, "labels": {"app": name}}, "spec": {"nodeName": "crc"}, **extra}


async def test_everything_is_there_after_a_restart(tmp_path: Path) -> None:
    file = tmp_path / "state.db"
    first = Store.open(file)
    for name in ("a", "b", "c"):
        await first.create(at(name), pod(name))
    await first.update(at("a"), pod("a", changed=True))
    await first.delete(at("c"))
    before = first.list(PODS)
    await first.close()

    second = Store.open(file)
    assert second.list(PODS) == before
    assert second.revision == 5, "the deletion's revision is not given again"
    assert [item.key.name for item in second.list(PODS, node="crc").items] == ["a", "b"]
    with pytest.raises(ApiError, match="too old resource version"):
        second.watch(PODS, revision=4)
    assert (await second.create(at("d"), pod("d"))).revision == 6
    await second.close()


_WRITER = """
import asyncio, sys
from pathlib import Path
from pullscope.apiserver.store.records import key
from pullscope.apiserver.store.store import Store
from pullscope.kube.resources import PODS

async def write(store, who):
    for number in range(1_000_000):
        for word in ("kept", "gone"):
            name = f"{word}-{who}-{number}"
            stored = await store.create(key(PODS, "demo", name), {"metadata": {"name": name}, "fill": "x" * 500})
            print(word, name, stored.revision, flush=True)
        last = await store.delete(key(PODS, "demo", name))
        print("deleted", name, last.revision, flush=True)

async def main():
    store = Store.open(Path(sys.argv[1]))
    await asyncio.gather(*(write(store, who) for who in "abcd"))

asyncio.run(main())
"""


def _acknowledged(file: Path, lines: int) -> list[tuple[str, str, int]]:
    """(what, name, revision) that a child process has acknowledged until it was killed in the midst of writing."""
    command = [sys.executable, "-c", _WRITER, str(file)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        read = [child.stdout.readline() for _ in range(lines)]
        child.kill()
        read += child.stdout.readlines()
    assert child.returncode != 0
    whole = [line.split() for line in read if line.endswith("\n")]
    return [(what, name, int(revision)) for what, name, revision in whole]


@pytest.mark.parametrize("lines", [1, 10, 60, 200])
async def test_what_was_acknowledged_survives_a_kill(tmp_path: Path, lines: int) -> None:
    file = tmp_path / "state.db"
    acknowledged = _acknowledged(file, lines)
    assert len(acknowledged) >= lines
    store = Store.open(file)
    for what, name, revision in acknowledged:
        if what == "kept":
            assert store.get(at(name)).revision == revision
        elif what == "deleted":
            assert store.find(at(name)) is None
    assert store.revision >= max(revision for _, _, revision in acknowledged)
    assert (await store.create(at("after"), pod("after"))).revision == store.revision
    await store.close()


async def test_a_full_disk_refuses_writes_and_leaves_the_rest(tmp_path: Path) -> None:
    file = tmp_path / "state.db"
    store = Store.open(file)
    await store.create(at("a"), pod("a"))
    connection = _connection(store)
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    connection.execute(f"PRAGMA max_page_count = {pages}")

    big = pod("b", fill="x" * 100_000)
    with store.watch(PODS, revision=store.revision) as watch:
        with pytest.raises(ApiError) as caught:
            await store.create(at("b"), big)
        assert (caught.value.code, caught.value.reason) == (500, "InternalError")
        assert f"state file {file} could not be written: database or disk is full" in caught.value.message
        assert store.find(at("b")) is None, "nothing half written"
        assert store.get(at("a")).revision == store.revision == 1

        connection.execute("PRAGMA max_page_count = 1000000")
        created = await store.create(at("b"), big)
        assert created.revision > 1
        assert (await anext(watch)).revision == created.revision, "the failed write was never told"
    await store.close()
    again = Store.open(file)
    assert again.get(at("b")).revision == created.revision
    await again.close()


async def test_a_full_disk_fails_every_writer_of_the_batch(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "state.db")
    await store.create(at("a"), pod("a"))
    connection = _connection(store)
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    connection.execute(f"PRAGMA max_page_count = {pages}")
    big = {"fill": "x" * 100_000}
    outcomes = await asyncio.gather(
        *(store.create(at(f"p{n}"), pod(f"p{n}", **big)) for n in range(5)),
        store.update(at("a"), pod("a", **big)),
        return_exceptions=True,
    )
    assert {type(outcome) for outcome in outcomes} == {ApiError}
    assert store.list(PODS).revision == 1
    await store.close()


def _connection(store: Store) -> sqlite3.Connection:
    worker = store._commits._worker
    assert worker is not None
    return worker._database._connection


async def test_a_second_store_on_the_same_file_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "state.db"
    store = Store.open(file)
    await store.create(at("a"), pod("a"))
    with pytest.raises(StateFileError) as caught:
        Store.open(file)
    assert caught.value.message == f"state file {file} is in use by another process"
    assert caught.value.hint == "stop the lab that uses it"
    assert store.get(at("a")).revision == 1
    assert (await store.create(at("b"), pod("b"))).revision == 2
    await store.close()
    await Store.open(file).close()


async def test_a_file_of_another_schema_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "state.db"
    await Store.open(file).close()
    with contextlib.closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA user_version = 99")
    with pytest.raises(StateFileError, match="has schema version 99, this Pullscope reads version 2") as caught:
        Store.open(file)
    assert caught.value.hint


async def test_a_foreign_database_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "other.db"
    with contextlib.closing(sqlite3.connect(file)) as connection:
        connection.execute("CREATE TABLE theirs (x)")
    before = file.read_bytes()
    with pytest.raises(StateFileError, match="is not a state file of Pullscope"):
        Store.open(file)
    assert file.read_bytes() == before


@pytest.mark.parametrize("content", [b"hello", b"SQLite format 3\x00" + b"\xff" * 4096, b"x" * 10_000])
def test_a_damaged_file_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "state.db"
    file.write_bytes(content)
    with pytest.raises(StateFileError, match=r"damaged|not a state file|cannot be opened"):
        Store.open(file)
    assert file.read_bytes() == content


async def test_a_file_with_a_damaged_page_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "state.db"
    store = Store.open(file)
    for number in range(200):
        await store.create(at(f"p{number}"), pod(f"p{number}", fill="x" * 1000))
    await store.close()
    content = file.read_bytes()
    half = len(content) // 2
    file.write_bytes(content[:half] + b"\xff" * (len(content) - half))
    with pytest.raises(StateFileError, match="is damaged") as caught:
        Store.open(file)
    assert caught.value.hint == "delete the lab and start anew"


def test_a_directory_that_is_missing_is_said(tmp_path: Path) -> None:
    with pytest.raises(StateFileError, match="cannot be opened"):
        Store.open(tmp_path / "missing" / "state.db")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no permission bits")
async def test_the_file_is_its_owner_s_alone(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "state.db")
    await store.create(at("a"), pod("a"))
    assert {file.stat().st_mode & 0o777 for file in tmp_path.iterdir()} == {0o600}
    await store.close()


def test_the_mark_of_our_files() -> None:
    assert database.APPLICATION_ID.to_bytes(4, "big") == b"Pull"
