"""A lab's state directory: where it is, who may read it, who holds it."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from pullscope.base.errors import DamagedFileError
from pullscope.lab import state
from pullscope.lab.state import Ports, Run, StateDirectory


@pytest.mark.parametrize(
    ("environment", "platform", "expected"),
    [
        ({"PULLSCOPE_HOME": "/x"}, "linux", Path("/x")),
        ({"XDG_DATA_HOME": "/data"}, "linux", Path("/data/pullscope")),
        ({}, "linux", Path.home() / ".local/share/pullscope"),
        ({}, "darwin", Path.home() / "Library/Application Support/pullscope"),
        ({"LOCALAPPDATA": "/local"}, "win32", Path("/local/pullscope")),
        ({}, "win32", Path.home() / "AppData/Local/pullscope"),
    ],
)
def test_the_data_lie_where_the_platform_keeps_them(environment: dict[str, str], platform: str, expected: Path) -> None:
    assert state.data_home(environment, platform) == expected


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    kept = StateDirectory("default", tmp_path)
    assert not kept.exists
    assert not kept.is_running
    kept.create()
    assert (kept.read_ports(), kept.read_run()) == (None, None)
    kept.write_ports(Ports(6443, 5000, 5001))
    kept.write_run(Run(1, 2, "secret"))
    assert (kept.read_ports(), kept.read_run()) == (Ports(6443, 5000, 5001), Run(1, 2, "secret"))
    kept.clear_run()
    assert kept.read_run() is None
    kept.delete()
    assert not kept.exists


@pytest.mark.skipif(os.name == "nt", reason="POSIX modes")
def test_only_the_owner_may_read(tmp_path: Path) -> None:
    kept = StateDirectory("default", tmp_path)
    kept.create()
    kept.write_run(Run(1, 2, "secret"))
    assert stat.S_IMODE(kept.root.stat().st_mode) == 0o700
    assert stat.S_IMODE((kept.root / "run.json").stat().st_mode) == 0o600


def test_the_lock_has_one_holder(tmp_path: Path) -> None:
    kept = StateDirectory("default", tmp_path)
    kept.create()
    lock = kept.lock()
    assert kept.is_running
    with pytest.raises(state.AlreadyRunningError, match="the lab default is already running"):
        kept.lock()
    lock.release()
    assert not kept.is_running


def test_a_killed_holder_leaves_no_lock(tmp_path: Path) -> None:
    kept = StateDirectory("default", tmp_path)
    kept.create()
    program = (
        "import sys, pathlib\n"
        "from pullscope.lab.state import StateDirectory\n"
        "lock = StateDirectory('default', pathlib.Path(sys.argv[1])).lock()\n"
        "print('held', flush=True)\n"
        "sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        assert kept.is_running
        holder.kill()
        holder.wait()
        assert not kept.is_running


@pytest.mark.parametrize("content", [b"", b'{"api": 1', b"[]", b"{}", b'{"api": "x", "registry": 1}'])
def test_a_damaged_file_is_named(tmp_path: Path, content: bytes) -> None:
    kept = StateDirectory("default", tmp_path)
    kept.create()
    (kept.root / "ports.json").write_bytes(content)
    (kept.root / "run.json").write_bytes(content)
    with pytest.raises(DamagedFileError, match=r"ports\.json is damaged"):
        kept.read_ports()
    with pytest.raises(DamagedFileError, match=r"run\.json is damaged") as caught:
        kept.read_run()
    assert "--name default" in caught.value.hint  # its id is lost: a person has to find the process
