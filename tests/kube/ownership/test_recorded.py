"""What a real API server answered (v1.37 recordings), made again from the objects before."""

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from pullscope.apiserver.schemas import types
from pullscope.kube.ownership import applies, compare, entries, typed, updates
from pullscope.kube.ownership.entries import APPLY, UPDATE, Manager, Managers
from pullscope.kube.status import ApiError

_FILE = Path(__file__).parent.parent / "data" / "managed-fields.jsonl"
_ROWS = [json.loads(line) for line in _FILE.read_text().splitlines()]
_CREATED = [row for row in _ROWS if row["what"] == "created"]
_STATES = [row["object"] for row in _ROWS if row["what"] == "state"]


def _row(what: str) -> dict[str, Any]:
    found: dict[str, Any]
    (found,) = [row for row in _ROWS if row["what"] == what]
    return found


def _type(obj: dict[str, Any]) -> types.Type:
    found = types.of(obj["apiVersion"], obj["kind"])
    assert found is not None
    return found


def _split(obj: dict[str, Any]) -> tuple[dict[str, Any], Managers]:
    """An object without its managedFields, and these."""
    metadata = {name: value for name, value in obj["metadata"].items() if name != "managedFields"}
    return {**obj, "metadata": metadata}, entries.decode(obj["metadata"]["managedFields"], obj["apiVersion"])


@pytest.mark.parametrize("row", _CREATED, ids=[f"{row['object']['kind']} {row['command']}" for row in _CREATED])
def test_a_creator_has_all_that_is_there(row: dict[str, Any]) -> None:
    assert updates.of_object(row["object"], _type(row["object"])) == row["fields"]


@pytest.mark.parametrize(("before", "after"), list(pairwise(_STATES)), ids=range(1, len(_STATES)))
def test_a_writer_has_what_it_changed(before: dict[str, Any], after: dict[str, Any]) -> None:
    """One Deployment's life: applied, its status written, image set, restarted, patched, scaled."""
    (old, managers), (new, expected) = _split(before), _split(after)
    difference = compare.compare(old, new, _type(new))
    times = {manager: entry.time for manager, entry in managers.items()}
    (writer,) = [manager for manager, entry in expected.items() if times.get(manager) != entry.time]
    assert updates.updated(managers, difference, writer, expected[writer].time) == expected


@pytest.mark.parametrize("state", _STATES, ids=range(len(_STATES)))
def test_the_list_comes_in_upstream_s_order(state: dict[str, Any]) -> None:
    managed = state["metadata"]["managedFields"]
    assert entries.encode(entries.decode(managed, "apps/v1"), "apps/v1") == managed
    assert entries.normal(managed) == managed


def test_an_apply_has_what_it_names() -> None:
    row = _row("applied")
    obj, expected = _split(row["object"])
    now = obj["metadata"]["creationTimestamp"]
    asked = applies.Configuration(row["config"], _type(obj), Manager("kubectl", APPLY), now)
    applied = applies.apply({}, {}, asked)
    assert (applied.obj, applied.managers) == (row["config"], expected)
    assert typed.problems(row["config"], _type(obj)) == ""


def test_an_apply_after_a_client_side_one() -> None:
    """What was applied client-side, and stayed so, is no conflict; what was defaulted then is."""
    row = _row("conflict")
    live, managers = _split(row["live"])
    asked = applies.Configuration(row["config"], _type(live), Manager("kubectl", APPLY), "now")
    with pytest.raises(ApiError) as caught:
        applies.apply(live, managers, asked)
    assert caught.value.status() == row["status"]
    forced = applies.apply(
        live, managers, applies.Configuration(row["config"], _type(live), asked.manager, "now", force=True)
    )
    container = forced.obj["spec"]["template"]["spec"]["containers"][0]
    assert container["imagePullPolicy"] == "Always"
    assert container["terminationMessagePath"] == "/dev/termination-log"
    former = forced.managers[Manager("kubectl-client-side-apply", UPDATE)]
    kept = former.fields["f:spec"]["f:template"]["f:spec"]["f:containers"]['k:{"name":"app"}']
    assert "f:imagePullPolicy" not in kept
    assert "f:image" in kept, "both have what both want alike"
