"""`oc` and `kubeadmin`: users of a whole lab with kubeconfigs of their own, one of them in a project."""

import io
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.oc import screens
from tests.oc.screens import Screen

from pullscope.base.clock import SystemClock
from pullscope.oc import main
from pullscope.oc.console import Console
from pullscope.testing.lab import Lab


class Oc:
    """`pullscope oc` as one user types it. What it wrote comes settled, `project` named `demo` in it."""

    def __init__(self, kubeconfig: Path, project: str = "demo") -> None:
        self.kubeconfig = kubeconfig
        self.project = project

    async def __call__(self, *words: str, stdin: str = "") -> Screen:
        output, errors = io.BytesIO(), io.BytesIO()
        console = Console(output, errors, io.BytesIO(stdin.encode()))
        code = await main.run(["--kubeconfig", str(self.kubeconfig), *words], console, SystemClock())
        out, err = (stream.getvalue().decode().replace(self.project, "demo") for stream in (output, errors))
        return Screen(code, screens.settled(out), screens.settled(err))

    async def done(self, *words: str, stdin: str = "") -> str:
        """What it printed; it has to succeed."""
        screen = await self(*words, stdin=stdin)
        assert screen.exit == 0, screen
        return screen.stdout


@pytest.fixture
def kubeadmin(pullscope_lab: Lab, tmp_path: Path) -> Oc:
    return Oc(Path(shutil.copy(pullscope_lab.kubeconfig, tmp_path / "kubeconfig")))


@pytest.fixture
async def oc(kubeadmin: Oc, request: pytest.FixtureRequest) -> AsyncIterator[Oc]:
    """In a project of the test's own, as its administrator."""
    kubeadmin.project = f"demo-{abs(hash(request.node.name)) % 10**8}"
    await kubeadmin.done("new-project", kubeadmin.project, "--display-name=Demo")
    yield kubeadmin
    await kubeadmin.done("delete", "project", kubeadmin.project, "--wait=false")
