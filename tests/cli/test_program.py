"""How commands end: help, usage errors, errors of ours, faults."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer

from pullscope import __version__
from pullscope.base.errors import PullscopeError, UnreachableError, UsageError
from pullscope.cli import program
from pullscope.kube.status import ApiError


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pullscope", *arguments],
        env={**os.environ, **environment},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def ended(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """Exit code, standard output and standard error of a command in this process."""
    code = program.run(list(arguments))
    printed = capsys.readouterr()
    return code, printed.out, printed.err


def test_the_help_shows_examples_and_exit_codes(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = ended(capsys, "--help")
    assert (code, err) == (0, "")
    assert "  pullscope up   " in out
    assert "Exit codes: 0 as expected" in out
    assert ended(capsys) == (0, out, "")


@pytest.mark.parametrize(
    "command",
    ["why", "verify", "up", "status", "stop", "delete", "env", "logs", "registry serve"]
    + [f"image {each}" for each in ("build", "push", "inspect")]
    + [f"node {each}" for each in ("ls", "images", "rmi", "pull", "prune")],
)
def test_the_help_of_every_command_has_examples(capsys: pytest.CaptureFixture[str], command: str) -> None:
    code, out, _ = ended(capsys, *command.split(), "--help")
    assert code == 0
    examples = out.partition("Examples:\n\n")[2]
    assert f"pullscope {command}" in examples


def test_the_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert ended(capsys, "--version") == (0, f"pullscope {__version__}\n", "")


@pytest.mark.parametrize("arguments", [["nonsense"], ["--nonsense"], ["up", "--port", "x"], ["status", "-o", "xml"]])
def test_wrong_usage_is_one_line_and_a_hint(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
    code, out, err = ended(capsys, *arguments)
    first, second = err.splitlines()
    assert (code, out) == (2, "")
    assert first.startswith("error: ")
    assert second.startswith("hint: ")


def test_a_group_without_a_command_shows_its_help(capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = ended(capsys, "registry")
    assert code == 2
    assert err.startswith("Usage: pullscope registry")


def test_the_shell_completes_commands() -> None:
    complete = {"_PULLSCOPE_COMPLETE": "complete_bash", "COMP_WORDS": "pullscope st", "COMP_CWORD": "1"}
    assert {"status", "stop"} <= set(run(**complete).stdout.split())


@pytest.mark.skipif(os.name == "nt", reason="POSIX shells and signals")
@pytest.mark.parametrize("command", ["--help", "registry --help", "verify --case 4"])
def test_output_that_nobody_reads_ends_the_command_without_noise(command: str) -> None:
    """`true` reads nothing and may end before or after the first write: what counts is that nothing is said."""
    line = f"{sys.executable} -m pullscope {command} | true; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("141\n", "")


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
@pytest.mark.parametrize(("module", "code"), [("cli.program", -signal.SIGINT), ("cli.main", 130), ("oc.main", 130)])
def test_an_interrupt_while_it_is_still_loading_leaves_no_traceback(module: str, code: int) -> None:
    loading = (
        "import os, signal, sys, types\n"
        "class Interrupting:\n"
        "    def find_spec(self, name, path, target=None):\n"
        f"        if name == 'pullscope.{module}':\n"
        "            os.kill(os.getpid(), signal.SIGINT)\n"
        "sys.meta_path.insert(0, Interrupting())\n"
        "from pullscope import __main__\n"
        "sys.exit(__main__.run())\n"
    )
    words = ["oc"] if module == "oc.main" else []
    done = subprocess.run([sys.executable, "-c", loading, *words], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (code, "", "")


def test_what_a_console_cannot_show_is_replaced() -> None:
    done = run("up", "--name", "ü※", PYTHONIOENCODING="ascii:strict", PYTHONUTF8="0")
    assert done.returncode == 2
    assert done.stderr.startswith("error: ")


class Ending:
    """A command that ends with `error`."""

    def __init__(self, error: BaseException) -> None:
        self._error = error

    def main(self, **_: Any) -> None:
        raise self._error


@pytest.mark.parametrize(
    ("error", "code", "printed"),
    [
        (PullscopeError("it broke", hint="mend it"), 1, "error: it broke\nhint: mend it\n"),
        (UsageError("not so"), 2, "error: not so\n"),
        (UnreachableError("nobody there"), 3, "error: nobody there\n"),
        (ApiError(403, "Forbidden", "you may not"), 3, "error: the API server said: you may not\n"),
        (OSError(28, "No space left on device"), 3, "error: No space left on device\n"),
        (OSError(13, "Permission denied", "/x"), 3, "error: /x: Permission denied\n"),
        (KeyboardInterrupt(), 130, ""),
    ],
)
def test_an_error_is_one_line_and_its_code(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], error: BaseException, code: int, printed: str
) -> None:
    monkeypatch.setattr(typer.main, "get_command", lambda _: Ending(error))
    assert program.run([]) == code
    assert capsys.readouterr().err == printed


def test_a_fault_says_how_to_see_more(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(typer.main, "get_command", lambda _: Ending(ValueError("oops")))
    assert program.run([]) == 3
    assert "PULLSCOPE_DEBUG=1" in capsys.readouterr().err
    monkeypatch.setenv("PULLSCOPE_DEBUG", "1")
    with pytest.raises(ValueError, match="oops"):
        program.run([])


def test_a_choice_that_is_none_is_told_in_plain_words(capsys: pytest.CaptureFixture[str]) -> None:
    _, _, err = ended(capsys, "verify", "-o", "xml")
    assert err.startswith("error: Invalid value for '--output' / '-o': 'xml' is not one of 'table', 'wide',")


HEAVY = {"cryptography", "kubernetes_asyncio", "pydantic", "rich", "sqlite3", "wasmtime"}


@pytest.mark.parametrize(
    ("what", "others"),
    [("cli.main.app()", {"aiohttp", "asyncio", "orjson", "yaml", "pullscope.lab"}), ("oc.main", {"typer"})],
)
def test_what_is_heavy_is_imported_where_it_is_needed(what: str, others: set[str]) -> None:
    module = what.removesuffix(".app()")
    code = f"import sys, pullscope.cli.program, pullscope.{module}; pullscope.{what}; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert (HEAVY | others) & set(loaded) == set()


def test_a_command_about_a_lab_loads_nothing_that_is_the_lab_s(tmp_path: Path) -> None:
    code = "import sys; from pullscope.cli import program; program.run(['status']); print(*sys.modules)"
    environment = {**os.environ, "PULLSCOPE_HOME": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert (HEAVY | {"aiohttp", "orjson", "pullscope.lab.assembly"}) & set(done.stdout.split()) == set()
