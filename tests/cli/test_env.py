"""How a shell is pointed at a lab."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from pullscope.cli import env

VALUES = {"KUBECONFIG": "/home/o'neil/a b/config", "PULLSCOPE_REGISTRY": "127.0.0.1:5000"}


@pytest.mark.parametrize(
    ("shell", "lines"),
    [
        (
            "bash",
            [
                "export KUBECONFIG='/home/o'\"'\"'neil/a b/config';",
                "export PULLSCOPE_REGISTRY=127.0.0.1:5000;",
                "# Run this command to configure your shell:",
                "# eval $(pullscope env)",
            ],
        ),
        (
            "powershell",
            [
                "$Env:KUBECONFIG = '/home/o''neil/a b/config'",
                "$Env:PULLSCOPE_REGISTRY = '127.0.0.1:5000'",
                "# Run this command to configure your shell:",
                "# & pullscope env | Invoke-Expression",
            ],
        ),
        (
            "cmd",
            [
                "SET KUBECONFIG=/home/o'neil/a b/config",
                "SET PULLSCOPE_REGISTRY=127.0.0.1:5000",
                "REM Run this command to configure your shell:",
                "REM @FOR /f \"tokens=*\" %i IN ('pullscope env') DO @call %i",
            ],
        ),
    ],
)
def test_the_lines_of_a_shell(shell: str, lines: list[str]) -> None:
    assert env.told(shell, VALUES, "pullscope env").splitlines() == lines


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_shell_itself_reads_them(shell: str, tmp_path: Path) -> None:
    program = shutil.which(shell)
    if program is None:
        pytest.skip(f"{shell} is not installed: apt-get install {shell}")
    printed = tmp_path / "printed"
    printed.write_text(env.told(shell, VALUES, "pullscope env"), encoding="utf-8")
    advice = printed.read_text(encoding="utf-8").splitlines()[-1].removeprefix("# ")
    script = f"{advice.replace('pullscope env', f'cat {printed}')}\nprintf '%s %s' \"$KUBECONFIG\" $PULLSCOPE_REGISTRY"
    done = subprocess.run([program, "-c", script], capture_output=True, text=True, check=True, env=dict(os.environ))
    assert done.stdout == f"{VALUES['KUBECONFIG']} {VALUES['PULLSCOPE_REGISTRY']}"


@pytest.mark.parametrize(
    ("environment", "shell"),
    [({"SHELL": "/usr/bin/zsh"}, "zsh"), ({"PSModulePath": "x"}, "powershell"), ({}, "cmd")],
)
def test_the_shell_is_found_out(monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], shell: str) -> None:
    for name in ("SHELL", "PSModulePath"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert env.detected() == shell
