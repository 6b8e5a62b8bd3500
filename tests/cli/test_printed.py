"""What `up` and `status` print."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pullscope.cli import status, up
from pullscope.lab import documents
from pullscope.lab.kubeconfig import Access
from pullscope.lab.lifecycle import Up
from pullscope.lab.settings import Settings
from pullscope.lab.userconfig import Added

RUNNING: dict[str, Any] = {
    "schema": "pullscope.status/v1",
    "name": "default",
    "state": "running",
    "pid": 4711,
    "server": "https://127.0.0.1:6443",
    "registry": "127.0.0.1:5000",
    "internalRegistry": "127.0.0.1:5001",
    "console": None,
    "kubernetesVersion": "v1.36.2+pullscope-0.1.0",
    "clock": "system",
    "nodes": [{"name": "crc", "ready": True, "images": 3, "runtime": "embedded"}],
    "credentials": {"kubeadmin": {"password": "ABcde-fGhij-kLmno-pQrst"}, "developer": {"password": "developer"}},
    "faults": [],
    "memory_bytes": 98_000_000,
}


def access(context: str) -> Access:
    return Access(context, "https://127.0.0.1:6443", b"PEM", "sha256~admin", "sha256~developer")


@pytest.mark.parametrize(
    ("name", "result"),
    [
        (
            "up-first",
            Up(RUNNING, access("pullscope"), Added(Path("config"), current=True), started=True, settings=Settings()),
        ),
        (
            "up-beside-others",
            Up(RUNNING, access("pullscope"), Added(Path("config"), current=False), started=True, settings=Settings()),
        ),
        (
            "up-again",
            Up(
                {**RUNNING, "name": "x"},
                access("pullscope-x"),
                Added(Path("config"), current=False),
                started=False,
                settings=Settings(tutorial=True),
            ),
        ),
    ],
)
def test_up(golden: Callable[[str, str], None], name: str, result: Up) -> None:
    golden(f"{name}.txt", up.told(result))


@pytest.mark.parametrize(
    ("name", "document"),
    [
        ("status-running", RUNNING),
        ("status-stopped", documents.idle("default", "stopped")),
        ("status-error", documents.idle("x", "error")),
    ],
)
def test_status(golden: Callable[[str, str], None], name: str, document: dict[str, Any]) -> None:
    golden(f"{name}.txt", status.told(document))


def test_every_state_has_the_same_fields() -> None:
    assert list(documents.idle("default", "stopped")) == list(RUNNING)
