"""Every command in the documentation is run as it stands there, and prints what the page says.

A page's ```console blocks are one session: a new home and an empty folder, `$ ` before each command, its output below.
`…` in the output stands for any text, on a line of its own for any lines; columns may be wider or narrower; a command
without output may print anything.
Ports may differ on a busy machine: the page's are replaced by those that `pullscope up` said it took.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.docs.warm import Warm

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted(page for page in (ROOT / "docs").glob("*.md") if ".ja." not in page.name)]
PATIENCE = 45.0  # seconds for one command, on a machine that does other things too
# Of the API server, the registry and the internal registry, as the pages print them and `up` tells them.
PORTS = ("127.0.0.1:6443", "127.0.0.1:5000", "127.0.0.1:5001")


@dataclass(frozen=True)
class Step:
    """One command of a page and what the page says it prints."""

    command: str
    output: tuple[str, ...]


def steps(page: Path) -> list[Step]:
    """The page's session."""
    found: list[Step] = []
    for block in re.findall(r"^```console\n(.*?)^```", page.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE):
        for line in block.splitlines():
            if line.startswith("$ "):
                found.append(Step(line[2:], ()))
            else:
                found[-1] = Step(found[-1].command, (*found[-1].output, line))
    return found


def pattern(output: tuple[str, ...]) -> str:
    """The regular expression of an output: `…`, short digests, seconds and gaps stand for what they are this time."""
    lines = [r"(?:.*\n)*?" if line == "…" else re.escape(line).replace("…", ".*") + "\n" for line in output]
    text = re.sub(r"\b[0-9a-f]{12}\b", "[0-9a-f]{12}", "".join(lines))
    text = re.sub(r"(?:\\ ){2,}", " +", text)
    return re.sub(r"\b\d+\\\.\d\\ s\b", r"\\d+\\.\\d\\ s", text)


@dataclass
class Session:
    """A user's shell in an empty folder. `ports` are those of the lab that is up."""

    folder: Path
    environment: dict[str, str]
    ports: tuple[str, ...] = PORTS

    def run(self, command: str) -> subprocess.CompletedProcess[str]:
        shell = ["bash", "-c", command]
        options: dict[str, Any] = {"cwd": self.folder, "env": self.environment, "text": True, "capture_output": True}
        try:
            done = subprocess.run(shell, **options, check=False, timeout=PATIENCE)
        except subprocess.TimeoutExpired as late:
            pytest.fail(
                f"$ {command}\nis not over after {PATIENCE:.0f} s\n{late.stdout or b''!r}\n{late.stderr or b''!r}"
            )
        if command.startswith("pullscope up"):
            self.ports = tuple(re.findall(r"^  (?:https://)?(127\.0\.0\.1:\d+)$", done.stdout, re.MULTILINE))
        return done

    def translated(self, text: str) -> str:
        """The text with the ports of the lab that is up in place of the page's."""
        ports = dict(zip(PORTS, self.ports, strict=True))
        return re.sub("|".join(map(re.escape, PORTS)), lambda found: ports[found[0]], text)


def _stand_in_for_oc(folder: Path) -> Path:
    """A directory with an `oc`, for machines without one: it comes last in PATH."""
    program = folder / "programs" / "oc"
    program.parent.mkdir()
    program.write_text('#!/bin/sh\nexec pullscope oc "$@"\n')
    program.chmod(0o755)
    return program.parent


@pytest.fixture(scope="session")
def warm() -> Iterator[Path | None]:
    """A directory with a `pullscope` that starts fast, where processes can fork."""
    if not hasattr(os, "fork"):
        yield None
        return
    # Not below `tmp_path`: the path of a socket must be short.
    with tempfile.TemporaryDirectory() as folder, Warm(Path(folder), _inherited() | {"LANG": "C.UTF-8"}) as server:
        yield server.programs


def _inherited() -> dict[str, str]:
    return {name: os.environ[name] for name in ("SSL_CERT_FILE", "GOGC", "TMPDIR") if name in os.environ}


@pytest.fixture
def session(tmp_path: Path, warm: Path | None) -> Iterator[Session]:
    if shutil.which("bash") is None:
        pytest.skip("the documentation's commands are for a POSIX shell: install bash")
    home, folder = tmp_path / "home", tmp_path / "folder"
    home.mkdir()
    folder.mkdir()
    places = [warm, Path(sys.executable).parent, os.environ["PATH"], _stand_in_for_oc(tmp_path)]
    programs = os.pathsep.join(str(each) for each in places if each)
    shell = Session(folder, {**_inherited(), "HOME": str(home), "PATH": programs, "LANG": "C.UTF-8"})
    yield shell
    if any(home.rglob("run.json")):
        shell.run("pullscope stop")
    shell.run("cat *.pid | xargs --no-run-if-empty kill")


@pytest.mark.timeout(240)  # a page is many commands, each with its own time
@pytest.mark.parametrize("page", [page for page in PAGES if steps(page)], ids=lambda page: page.name)
def test_a_page_does_what_it_says(page: Path, session: Session) -> None:
    for step in steps(page):
        command = session.translated(step.command)
        done = session.run(command)
        printed = done.stdout + done.stderr
        assert done.returncode == 0, f"$ {command}\n{printed}"
        expected = session.translated("\n".join(step.output)).splitlines()
        if expected:
            ended = "".join(f"{line.rstrip()}\n" for line in printed.splitlines())
            assert re.fullmatch(pattern(tuple(expected)), ended), f"$ {command}\n{printed}"


@pytest.mark.parametrize("words", ["--version", "nonsense", "oc apply -f- < /dev/null"])
def test_a_command_that_starts_fast_ends_as_any_other(session: Session, words: str) -> None:
    real = session.run(f"{Path(sys.executable).parent / 'pullscope'} {words}")
    fast = session.run(f"pullscope {words}")
    assert (fast.returncode, fast.stdout, fast.stderr) == (real.returncode, real.stdout, real.stderr)


def test_a_command_that_hangs_is_named(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(globals(), "PATIENCE", 0.2)
    with pytest.raises(pytest.fail.Exception, match=r"^\$ echo so far; sleep 60\nis not over after 0 s\n.*so far"):
        session.run("echo so far; sleep 60")


@pytest.mark.parametrize("page", ["README", "docs/tutorial"])
def test_the_japanese_page_has_the_same_session(page: str) -> None:
    assert steps(ROOT / f"{page}.ja.md") == steps(ROOT / f"{page}.md")


def test_links_lead_somewhere() -> None:
    for page in [*PAGES, ROOT / "README.ja.md", *(ROOT / "docs").glob("*.ja.md"), ROOT / "CONTRIBUTING.md"]:
        for target in re.findall(r"\]\((?!https?:)([^)#]*)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
            assert not target or (page.parent / target).exists(), f"{page.name}: {target}"
