"""The whole lab against what a real cluster did: Deployments applied over HTTPS, their STATUS columns and events watched."""

import asyncio
from itertools import groupby

import pytest
from tests.lab import recordings
from tests.lab.recordings import Seen

from pullscope.kube.api import Object

RUNTIMES = ("crio", "containerd")
ROWS = [
    pytest.param(runtime, name, id=f"{runtime}-{name}") for runtime in RUNTIMES for name in recordings.cells(runtime)
]


@pytest.fixture(scope="module")
def seen() -> dict[str, dict[str, Seen]]:
    """By runtime and cell."""
    return {runtime: asyncio.run(recordings.replayed(runtime)) for runtime in RUNTIMES}


def in_turn(events: list[Object]) -> list[Object]:
    """That a pod was made is told while it is scheduled: the one or the other comes first."""
    return sorted(
        events,
        key=lambda event: ("ScalingReplicaSet", "SuccessfulCreate", "Scheduled", event["reason"]).index(
            event["reason"]
        ),
    )


@pytest.mark.parametrize(("runtime", "name"), ROWS)
def test_cell(runtime: str, name: str, seen: dict[str, dict[str, Seen]]) -> None:
    cell, found = recordings.cells(runtime)[name], seen[runtime][name]
    assert [word for word, _ in groupby(found.words)] == recordings.words(cell)
    wanted = recordings.first_look(cell)
    assert in_turn(found.events[: len(wanted)]) == in_turn(wanted)
    if found.words[-1] == cell["status"][-1][1]:  # else the recording's last look was at another time
        assert found.logs == cell["logs"]
    last = cell["pods"][-1]["container"]
    loaded = runtime == "containerd" and cell["on_node"]  # the lab cannot load archives: what is there was pulled
    fields = ["image", "ready", "started", "restartCount", *([] if loaded else ["imageID"])]
    assert {key: found.container[key] for key in fields} == {key: last[key] for key in fields}
