"""How programs end, as exit codes that a Unix shell would show.

A WebAssembly trap has no exit code; each is given that of the signal by which the same fault ends a Linux process, since
this is what people know from `kubectl get pod`: 139 for a bad memory access, 134 for an abort, 137 out of memory.
"""

from dataclasses import dataclass

_SIGILL = 4
_SIGABRT = 6
_SIGFPE = 8
_SIGKILL = 9
_SIGSEGV = 11
_SIGTERM = 15

# By the name in wasmtime.TrapCode. What is not here is a fault of the program's code.
_SIGNALS = {
    "UNREACHABLE": _SIGABRT,  # abort() and failed assertions of C, panics of Rust
    "STACK_OVERFLOW": _SIGSEGV,
    "MEMORY_OUT_OF_BOUNDS": _SIGSEGV,
    "TABLE_OUT_OF_BOUNDS": _SIGSEGV,
    "INDIRECT_CALL_TO_NULL": _SIGSEGV,
    "INTEGER_OVERFLOW": _SIGFPE,
    "INTEGER_DIVISION_BY_ZERO": _SIGFPE,
    "BAD_CONVERSION_TO_INTEGER": _SIGFPE,
}


@dataclass(frozen=True, slots=True)
class Exit:
    """The end of a program. `message` says why where the code does not."""

    code: int
    message: str = ""
    out_of_memory: bool = False


def stopped() -> Exit:
    """Ended from outside. WASI has no signals, so no program can answer one: this is SIGTERM's default."""
    return Exit(128 + _SIGTERM)


def killed() -> Exit:
    """Ended with its container: the kernel kills what is left in one whose main program has ended."""
    return Exit(128 + _SIGKILL)


def exceeded_memory(needed: int, limit: int) -> Exit:
    """The program needs more memory to begin with than it may have (bytes)."""
    return Exit(128 + _SIGKILL, f"the program needs {needed} bytes of memory, its limit is {limit}", out_of_memory=True)


def trapped(code: str, message: str) -> Exit:
    """A trap; `code` is its name in wasmtime.TrapCode. Of a longer message (a backtrace) the last line says the cause."""
    return Exit(128 + _SIGNALS.get(code, _SIGILL), message.strip().rpartition("\n")[2].strip())
