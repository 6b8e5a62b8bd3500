"""What this process takes of the machine, and its metrics (github.com/prometheus/client_golang's process collector)."""

import functools
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from pullscope.base.metrics import Metrics, Values

if sys.platform == "linux":

    def resident_bytes() -> int | None:
        """Resident memory in bytes: now on Linux, at its highest on macOS, None where it is not known."""
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")

    def open_files() -> int | None:
        """How many file descriptors are open; None where it is not known."""
        return sum(1 for _ in Path("/proc/self/fd").iterdir()) - 1  # reading the directory opens it

elif sys.platform == "darwin":
    import resource

    def resident_bytes() -> int | None:
        """The highest so far: the kernel tells no more to this interface."""
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    def open_files() -> int | None:
        """Not known here."""
        return None

else:

    def resident_bytes() -> int | None:
        """Not known here."""
        return None

    def open_files() -> int | None:
        """Not known here."""
        return None


def describe(metrics: Metrics) -> None:
    """Add the process's own metrics: those that this system tells."""
    total = "Total user and system CPU time spent in seconds."
    metrics.computed("process_cpu_seconds_total", total, ask=functools.partial(_told, _cpu_seconds), counts=True)
    memory, files = "Resident memory size in bytes.", "Number of open file descriptors."
    metrics.computed("process_resident_memory_bytes", memory, ask=functools.partial(_told, resident_bytes))
    metrics.computed("process_open_fds", files, ask=functools.partial(_told, open_files))


def _cpu_seconds() -> float:
    times = os.times()
    return times.user + times.system


def _told(ask: Callable[[], float | None]) -> Mapping[Values, float]:
    found = ask()
    return {} if found is None else {(): found}
