"""A project of somebody else with tests of its own, run in this process or in another.

Not by pytest's `pytester`: it takes the modules out of memory that a run brought in, and libraries with native code are
not to be loaded twice.
"""

import subprocess
import sys
import textwrap
from dataclasses import dataclass, field
from pathlib import Path

import pytest

_SETTINGS = "[pytest]\nfilterwarnings = error\n"
_PLUGINS = ("pullscope", "no:cacheprovider")


@dataclass
class Ran:
    """What came of a run: its exit code, and the reports of its tests."""

    code: int = 0
    reports: list[pytest.TestReport] = field(default_factory=list)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.reports.append(report)

    @property
    def failed(self) -> pytest.TestReport:
        """The one report that says so."""
        (report,) = [report for report in self.reports if report.failed]
        return report

    @property
    def passed(self) -> int:
        return sum(report.passed and report.when == "call" for report in self.reports)


@dataclass(frozen=True)
class Project:
    """A directory with tests, in which warnings are errors. Of all plugins it has Pullscope's and those it names."""

    root: Path

    def write(self, name: str, text: str) -> None:
        (self.root / name).write_text(textwrap.dedent(text), encoding="utf-8")

    def configure(self, settings: str = "") -> None:
        self.write("pytest.ini", _SETTINGS + settings)

    def run(self, *arguments: str) -> Ran:
        """Run its tests in this process."""
        ran = Ran()
        try:
            ran.code = pytest.main([*self._arguments, *arguments], plugins=[ran])
        finally:
            self._forget()
        return ran

    def _forget(self) -> None:
        """Let the modules of other projects have the names of this one's."""
        for name, module in list(sys.modules.items()):
            if (getattr(module, "__file__", None) or "").startswith(str(self.root)):
                del sys.modules[name]

    def run_apart(self, *arguments: str) -> str:
        """Run its tests in a process of their own, and return what it printed; they must pass."""
        command = [sys.executable, "-m", "pytest", *self._arguments, *arguments]
        done = subprocess.run(command, cwd=self.root, capture_output=True, encoding="utf-8", check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    @property
    def _arguments(self) -> list[str]:
        return [f"--rootdir={self.root}", "--import-mode=importlib", *(f"-p{name}" for name in _PLUGINS)]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """An empty one, in which we are."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    for ours in ("PYTEST_XDIST_WORKER", "PYTEST_ADDOPTS"):
        monkeypatch.delenv(ours, raising=False)
    monkeypatch.chdir(tmp_path)
    made = Project(tmp_path)
    made.configure()
    return made
