"""Compile the probe for every platform: `python -m pullscope.images.probe.compiler [--check]`.

The compiler is zig's (PyPI: ziglang), which cross-compiles and gives the same bytes on every machine. The binaries are
kept beside the source, so a user needs no compiler; `--check` compiles anew and compares instead of writing. The bytes
depend on the compiler's version: with another one than `ZIG` nothing is compared.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

from pullscope.base.errors import PullscopeError
from pullscope.images.probe import binaries

ZIG = "0.17.1"

# Platform of `binaries.PLATFORMS` -> zig's target.
TARGETS = {
    "linux-amd64": "x86_64-linux-none",
    "linux-arm64": "aarch64-linux-none",
    "wasi-wasm": "wasm32-wasi",
}

_HERE = Path(__file__).parent
_FLAGS = (
    *("-std=c11", "-Os", "-s", "-static", "-nostdlib", "-ffreestanding"),
    *("-fno-sanitize=all", "-fno-stack-protector", "-fno-asynchronous-unwind-tables"),
    *("-Wall", "-Wextra", "-Werror"),
)


def zig_version() -> str | None:
    """The version of the installed zig; None when it is not installed."""
    done = _zig("version")
    return done.stdout.strip() if done.returncode == 0 else None


def compile_probe(platform: str) -> bytes:
    """The program for a platform of `TARGETS`, compiled now. Raises PullscopeError with the compiler's words."""
    with tempfile.TemporaryDirectory() as directory:
        target = Path(directory) / "probe"
        done = _zig("cc", "-target", TARGETS[platform], *_FLAGS, str(_HERE / "probe.c"), "-o", str(target))
        if done.returncode != 0:
            raise PullscopeError(f"cannot compile the probe for {platform}: {done.stderr.strip()}")
        return target.read_bytes()


def _zig(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "ziglang", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 (our own arguments)


def main(arguments: list[str]) -> int:
    """Write the binaries, or with `--check` compare them; 1 when they differ, 2 when there is no such compiler."""
    if zig_version() != ZIG:
        print(f"needs ziglang {ZIG}: pip install ziglang=={ZIG}", file=sys.stderr)  # noqa: T201 (a developer's command)
        return 2
    differing = 0
    for platform in TARGETS:
        compiled = compile_probe(platform)
        if "--check" not in arguments:
            binaries.path(platform).write_bytes(compiled)
        elif binaries.path(platform).read_bytes() != compiled:
            differing = 1
            print(f"{binaries.path(platform).name} is not what probe.c compiles to", file=sys.stderr)  # noqa: T201 (as above)
    return differing


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
