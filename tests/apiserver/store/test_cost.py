"""What a write costs: statements, at each of which the writing thread may wait for others, and pages of the log."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from pullscope.apiserver.store.database import _CHUNK
from pullscope.apiserver.store.records import Key, key
from pullscope.apiserver.store.store import Store
from pullscope.kube.resources import PODS

_HEADER, _FRAME = 32, 24 + 4096


def at(number: int) -> Key:
    return key(PODS, "demo", f"p{number}")


def pod(number: int, fill: int = 1500) -> dict[str, Any]:
    return {"kind": "Pod", "metadata": {"name": f"p{number}"}, "spec": {"nodeName": "crc"}, "fill": "x" * fill}


class Costs:
    """Counts what the store does with its file."""

    def __init__(self, file: Path) -> None:
        self._log = file.with_name(f"{file.name}-wal")
        self.store = Store.open(file)
        worker = self.store._commits._worker
        assert worker is not None
        self.connection: sqlite3.Connection = worker._database._connection
        self.statements: list[str] = []
        self.connection.set_trace_callback(self.statements.append)
        self._pages = self.pages

    @property
    def pages(self) -> int:
        return (self._log.stat().st_size - _HEADER) // _FRAME

    def since(self) -> tuple[list[str], int]:
        """The first words of the statements, and the pages, since it was asked last."""
        words, before = [text.partition(" ")[0] for text in self.statements], self._pages
        self.statements.clear()
        self._pages = self.pages
        return words, self._pages - before


@pytest.fixture
async def costs(tmp_path: Path) -> AsyncIterator[Costs]:
    costs = Costs(tmp_path / "state.db")
    await costs.store.create(at(0), pod(0))
    costs.since()
    yield costs
    await costs.store.close()


async def test_a_change_is_one_statement_and_one_page(costs: Costs) -> None:
    await costs.store.update(at(0), pod(0, fill=1600))
    assert costs.since() == (["INSERT"], 1)
    await costs.store.update(at(0), pod(0, fill=1600))
    assert costs.since() == ([], 0), "nothing changed"


async def test_new_objects_fill_one_page_after_the_other(costs: Costs) -> None:
    for number in range(1, 41):
        await costs.store.create(at(number), pod(number))
    words, pages = costs.since()
    assert words == ["INSERT"] * 40
    assert pages < 85  # two fit on a page: one of them costs that, the other also the one above and the file's first


async def test_a_deletion_also_counts(costs: Costs) -> None:
    await costs.store.delete(at(0))
    assert costs.since() == (["BEGIN", "DELETE", "UPDATE", "COMMIT"], 2)


async def test_writers_that_wait_share_a_statement(costs: Costs) -> None:
    """The first goes at once; those that come while it is written are one transaction."""
    await asyncio.gather(*(costs.store.create(at(number), pod(number)) for number in range(1, _CHUNK + 2)))
    words, _ = costs.since()
    assert words == ["INSERT", "INSERT"]
    await asyncio.gather(*(costs.store.delete(at(number)) for number in range(_CHUNK + 2)))
    words, _ = costs.since()
    assert words == ["BEGIN", "DELETE", "UPDATE", "COMMIT", "BEGIN", "DELETE", "DELETE", "UPDATE", "COMMIT"]
