"""The root of the errors that a user may see as one line.

Every package derives its own errors from `PullscopeError` (or, where a wire format has its own error type, keeps that
one: `kube.status.ApiError`, `oci.errors.RegistryError`, `cri.api.CriError`). The command line prints them as
`error: <message>` and, where there is one, `hint: <hint>`, never as a traceback.
"""

from pathlib import Path


class PullscopeError(Exception):
    """Something the user can understand and act on.

    `message` says what failed and why, in one line; `hint` says what to do next (empty when the message says it).
    `exit_code` is the process's exit code when the error ends a command (2 usage, 3 could not find out, else 1).
    """

    exit_code = 1

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(PullscopeError):
    """The command's arguments or an input file cannot be used as they are."""

    exit_code = 2


class DamagedFileError(PullscopeError):
    """A file that Pullscope keeps for itself cannot be read any more."""

    def __init__(self, path: Path, why: object, *, hint: str) -> None:
        super().__init__(f"{path} is damaged: {why}", hint=hint)


class UnreachableError(PullscopeError):
    """A cluster or registry is out of reach, or rights are missing: nothing could be found out."""

    exit_code = 3


def told(error: OSError) -> str:
    """What the operating system said, in its words, after the file that it was said of."""
    words = error.strerror or str(error)
    return f"{error.filename}: {words}" if error.filename else words
