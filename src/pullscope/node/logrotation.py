"""Keep the logs of running containers from growing without end: rename what is too long, compress and remove older ones.

Upstream: pkg/kubelet/logs/container_log_manager.go, Kubernetes v1.36, with the kubelet's defaults. Only running containers are
looked at: what has ended writes no more. Nothing has to be reopened afterwards, since the runtime opens a log for each write.
"""

import gzip
import logging
import os
import shutil
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from pullscope.content import streams
from pullscope.cri.api import ContainerState
from pullscope.node.context import Context

_log = logging.getLogger(__name__)

INTERVAL_SECONDS = 10.0  # containerLogMonitorInterval
MAX_SIZE = 10 * 2**20  # containerLogMaxSize
MAX_FILES = 5  # containerLogMaxFiles, the one that is written to included
_COMPRESSED, _UNFINISHED = ".gz", ".tmp"


async def run(context: Context) -> None:
    """Look every ten seconds, until cancelled."""
    while True:
        await context.clock.sleep(INTERVAL_SECONDS)
        directories = {each.id: each.config.log_directory for each in await context.runtime.list_pod_sandbox()}
        running = [
            os.path.join(directories.get(each.pod_sandbox_id, ""), each.log_path)  # noqa: PTH118 (there may be thousands)
            for each in await context.runtime.list_containers()
            if each.state is ContainerState.RUNNING and each.log_path
        ]
        await streams.in_thread(rotate_all, running, context.clock.now())


def rotate_all(logs: Iterable[str], now: datetime, *, max_size: int = MAX_SIZE) -> None:
    """Rotate those that have `max_size` bytes or more. What cannot be rotated is told, and tried again the next time."""
    for log in logs:
        try:
            if os.stat(log).st_size >= max_size:  # noqa: PTH116 (as above)
                rotate(Path(log), now)
        except FileNotFoundError:
            continue  # its container is being removed
        except OSError as error:
            _log.warning("cannot rotate the log %s: %s", log, error)


def rotate(log: Path, now: datetime, *, max_files: int = MAX_FILES) -> None:
    """Put a log aside under its name and the time, and begin a new one. Raises OSError."""
    for rotated in _kept(log, max_files - 2):  # beside the new one and the one that is put aside now
        if rotated.suffix != _COMPRESSED:
            _compress(rotated)
    log.rename(log.with_name(f"{log.name}.{now:%Y%m%d-%H%M%S}"))
    log.touch()


def _kept(log: Path, count: int) -> list[Path]:
    """The newest `count` of the rotated logs; the others, and what was half compressed, are removed."""
    found = sorted(log.parent.glob(f"{log.name}.*"))
    rotated = {path.name.removesuffix(_COMPRESSED): path for path in found if path.suffix != _UNFINISHED}
    kept = [*rotated.values()][max(0, len(rotated) - count) :]
    for path in found:
        if path not in kept:
            path.unlink()
    return kept


def _compress(path: Path) -> None:
    unfinished = path.with_name(path.name + _UNFINISHED)
    with path.open("rb") as plain, gzip.open(unfinished, "wb") as compressed:
        shutil.copyfileobj(plain, compressed)
    unfinished.replace(path.with_name(path.name + _COMPRESSED))
    path.unlink()
