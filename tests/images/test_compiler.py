"""The probe's binaries: rebuilt to the same bytes, and run on this machine."""

import os
import platform
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from pullscope.images.probe import binaries, compiler


@pytest.mark.parametrize("target", binaries.PLATFORMS)
def test_a_rebuild_gives_the_bytes_that_are_kept(target: str) -> None:
    version = compiler.zig_version()
    if version != compiler.ZIG:
        pytest.skip(f"needs ziglang {compiler.ZIG} (here: {version}): pip install ziglang=={compiler.ZIG}")
    assert compiler.compile_probe(target) == binaries.path(target).read_bytes()


def test_the_check_says_when_binaries_and_source_agree() -> None:
    assert compiler.main(["--check"]) == (0 if compiler.zig_version() == compiler.ZIG else 2)


@pytest.mark.parametrize(
    ("target", "magic"), [("linux-amd64", b"\x7fELF"), ("linux-arm64", b"\x7fELF"), ("wasi-wasm", b"\0asm")]
)
def test_each_platform_has_a_small_program(target: str, magic: bytes) -> None:
    program = binaries.path(target).read_bytes()
    assert program.startswith(magic)
    assert len(program) < 30_000


@pytest.mark.skipif(sys.platform != "linux" or platform.machine() != "x86_64", reason="the program is for linux/amd64")
@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT])
def test_the_linux_program_prints_its_archives_and_ends_on_a_signal(tmp_path: Path, ending: signal.Signals) -> None:
    deployments = tmp_path / "deployments"
    deployments.mkdir()
    for name in ("registry.war", "node.war", "notes.txt", ".war", "long" * 60 + ".war"):
        (deployments / name).touch()
    program = tmp_path / "probe"
    shutil.copy(binaries.path("linux-amd64"), program)
    program.chmod(0o755)
    with _as_process_1(tmp_path) as unshare:
        assert unshare.stdout is not None
        lines = [unshare.stdout.readline() for _ in range(5)]
        os.kill(int(Path(f"/proc/{unshare.pid}/task/{unshare.pid}/children").read_text()), ending)
        assert unshare.wait(timeout=10) == 143
    names = sorted([".war", "long" * 60 + ".war", "node.war", "registry.war"])
    assert lines == [*(f'Deployed "/deployments/{name}"\n' for name in names), "ready\n"]


@pytest.mark.skipif(sys.platform != "linux" or platform.machine() != "x86_64", reason="the program is for linux/amd64")
def test_the_linux_program_ends_at_once_with_an_argument(tmp_path: Path) -> None:
    program = tmp_path / "probe"
    shutil.copy(binaries.path("linux-amd64"), program)
    program.chmod(0o755)
    done = subprocess.run([program, "once"], capture_output=True, text=True, check=False, timeout=10)
    assert (done.returncode, done.stdout.splitlines()[-1:], done.stderr) == (0, ["ready"], "")


def _as_process_1(root: Path) -> subprocess.Popen[str]:
    """Start /probe as a container would: as process 1, with `root` as its root directory. Returns its parent."""
    if shutil.which("unshare") is None:
        pytest.skip("needs unshare (Debian: util-linux)")
    command = ["unshare", "--user", "--map-root-user", "--pid", "--fork", "--kill-child"]
    if subprocess.run([*command, "true"], capture_output=True, check=False).returncode != 0:
        pytest.skip("needs user namespaces: sysctl kernel.unprivileged_userns_clone=1")
    return subprocess.Popen([*command, f"--root={root}", "/probe"], stdout=subprocess.PIPE, text=True)
