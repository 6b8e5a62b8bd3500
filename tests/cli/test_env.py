"""How a shell is pointed at a lab."""

import os
import shutil
import subprocess
import sys
from pathlib import Path, PureWindowsPath

import pytest

from pullscope.base.errors import UsageError
from pullscope.cli import env

CMD_ADVICE = ["REM @FOR /f \"tokens=*\" %i IN ('pullscope env --unset') DO @call %i"]
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


@pytest.mark.parametrize(
    ("shell", "line"),
    [
        ("bash", r"export KUBECONFIG='C:\Users\a b\kubeconfig';"),
        ("fish", r"set -gx KUBECONFIG 'C:\\Users\\a b\\kubeconfig';"),
        ("powershell", r"$Env:KUBECONFIG = 'C:\Users\a b\kubeconfig'"),
        ("cmd", r"SET KUBECONFIG=C:\Users\a b\kubeconfig"),
    ],
)
def test_paths_of_windows_are_read_as_they_are(shell: str, line: str) -> None:
    path = PureWindowsPath("C:/Users") / "a b" / "kubeconfig"
    assert env.told(shell, {"KUBECONFIG": str(path)}, "pullscope env").splitlines()[0] == line


@pytest.mark.parametrize(
    ("shell", "lines"),
    [
        ("zsh", ["unset KUBECONFIG;", "unset PULLSCOPE_REGISTRY;", "# eval $(pullscope env --unset)"]),
        ("fish", ["set -e KUBECONFIG;", "set -e PULLSCOPE_REGISTRY;", "# eval (pullscope env --unset)"]),
        (
            "powershell",
            [
                "Remove-Item Env:\\KUBECONFIG -ErrorAction Ignore",
                "Remove-Item Env:\\PULLSCOPE_REGISTRY -ErrorAction Ignore",
                "# & pullscope env --unset | Invoke-Expression",
            ],
        ),
        ("cmd", ["SET KUBECONFIG=", "SET PULLSCOPE_REGISTRY=", *CMD_ADVICE]),
    ],
)
def test_the_lines_that_take_them_away(shell: str, lines: list[str]) -> None:
    told = env.told_unset(shell, "pullscope env --unset").splitlines()
    assert [line for line in told if "Run this" not in line] == lines


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish", "sh"])
def test_the_shell_itself_reads_them(shell: str, tmp_path: Path) -> None:
    program = shutil.which(shell)
    if program is None:
        pytest.skip(f"{shell} is not installed: apt-get install {shell}")
    word = env.syntax_of(shell)
    printed, taken = tmp_path / "printed", tmp_path / "taken"
    printed.write_text(env.told(word, VALUES, "pullscope env"), encoding="utf-8")
    taken.write_text(env.told_unset(word, "pullscope env"), encoding="utf-8")
    advice = printed.read_text(encoding="utf-8").splitlines()[-1].removeprefix("# ")
    show = "printf '%s %s.' \"$KUBECONFIG\" $PULLSCOPE_REGISTRY"
    script = "\n".join(
        [advice.replace("pullscope env", f"cat {printed}"), show, advice.replace("pullscope env", f"cat {taken}"), show]
    )
    done = subprocess.run([program, "-c", script], capture_output=True, text=True, check=True, env=dict(os.environ))
    assert done.stdout == f"{VALUES['KUBECONFIG']} {VALUES['PULLSCOPE_REGISTRY']}. ."


def test_a_shell_that_is_none_of_ours_is_named() -> None:
    with pytest.raises(UsageError, match="'tcsh' is not a supported shell"):
        env.syntax_of("tcsh")


@pytest.mark.parametrize(
    ("environment", "shell"),
    [({"SHELL": "/usr/bin/zsh", "PSModulePath": "x"}, "zsh"), ({"PSModulePath": "x"}, "powershell"), ({}, "cmd")],
)
def test_the_shell_of_an_environment(environment: dict[str, str], shell: str) -> None:
    assert env.likely(environment) == shell


@pytest.mark.parametrize(
    ("shell", "script"),
    [("bash", "echo $({})"), ("zsh", "echo $({})"), ("fish", "echo ({})"), ("pwsh", 'Write-Output "$({})"')],
)
def test_the_shell_that_it_is_typed_in_is_found_out(shell: str, script: str) -> None:
    """Whatever the user's login shell is."""
    program = shutil.which(shell)
    if program is None:
        pytest.skip(f"{shell} is not installed: apt-get install {shell}")
    command = f"{sys.executable} -c 'from pullscope.cli import env; print(env.detected())'"
    environment = {**os.environ, "SHELL": "/bin/other"}
    whole = [program, "-c", script.format(command)]
    done = subprocess.run(whole, capture_output=True, text=True, check=False, env=environment)
    assert (done.stdout, done.stderr) == (f"{shell}\n", "")
