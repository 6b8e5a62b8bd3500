"""What all tests share: golden files with the one flag that rewrites them, and how hypothesis works here."""

import gc
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import hypothesis
import pytest

# Some machines are told to keep no bytecode; every worker, and every command that a test starts, would compile all anew.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# Who starts the tests in the background has them ignore Ctrl-C, and with them all commands that they start and interrupt.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# What commands that tests start need not do: each Python that loads aiohttp reads all the authorities that this machine
# trusts, which takes 0.1 s and no test needs; each kubectl collects garbage just before it ends.
os.environ |= {"SSL_CERT_FILE": os.devnull, "GOGC": "off"}

_CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
_MEMORY = 4 * 2**30  # bytes; all that a run has at once is a tenth of it


def _write_to_memory() -> None:
    """Keep temporary files in memory where Linux offers it: no test pulls the plug, so none is about what a disk keeps.

    A lab waits for its disk a dozen times as it starts. Whoever sets TMPDIR has the last word; containers often have a
    `/dev/shm` that is too small, or runs no programs.
    """
    memory = Path("/dev/shm")
    if "TMPDIR" in os.environ or not memory.is_dir() or not os.access(memory, os.W_OK):
        return
    if os.statvfs(memory).f_flag & os.ST_NOEXEC or shutil.disk_usage(memory).free < _MEMORY:
        return
    os.environ["TMPDIR"] = str(memory)
    tempfile.tempdir = None  # whoever asked before asks again


_write_to_memory()

# A slow machine is not a failure: what is measured stands in benchmarks/. Each run draws other examples; who changes what
# they are about draws many: --hypothesis-profile=thorough.
hypothesis.settings.register_profile("pullscope", deadline=None, max_examples=50)
hypothesis.settings.register_profile("thorough", deadline=None, max_examples=1000)
hypothesis.settings.load_profile("pullscope")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-goldens", action="store_true", help="write the golden files anew; then read their diff")


def pytest_xdist_auto_num_workers() -> int:
    """Of `-n auto`: tests wait for timers, disks and programs that they start, so each core has work for more than one."""
    return max(2, _CORES * 3 // 2)


@pytest.hookimpl(trylast=True)  # after the order was drawn
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the long tests, which have a timeout of their own: none is begun when the other worker has no more."""
    items.sort(key=lambda item: item.get_closest_marker("timeout") is None)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, Any, Any]:
    """What is collected stays to the end; without this, each full garbage collection looks at all of it for 0.2 s."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.set_threshold(20_000, 20, 20)  # as in a lab's own process: many objects, hardly a circle of them
        gc.enable()


@pytest.fixture
def plain_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """What rich asks the environment must not change what is printed."""
    for name in ("FORCE_COLOR", "NO_COLOR", "COLUMNS", "LINES", "COLORTERM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """`golden(name, text)`: text must be what `goldens/<name>` beside the test holds (line ends apart)."""

    def check(name: str, text: str) -> None:
        path = Path(request.path).parent / "goldens" / name
        lines = "".join(f"{line.rstrip()}\n" for line in text.splitlines())
        if request.config.getoption("--update-goldens"):
            path.parent.mkdir(exist_ok=True)
            path.write_text(lines, encoding="utf-8", newline="\n")
        assert lines == path.read_text(encoding="utf-8"), f"{name} differs; --update-goldens writes it anew"

    return check
