"""`python -m pullscope`, and what the script `pullscope` calls: the command line.

Ctrl-C while the command line is still being imported ends the process at once, as it ends any program that does not ask.
"""

import signal
import sys


def run() -> int:
    """Run the command line; returns the process's exit code."""
    before = signal.getsignal(signal.SIGINT)
    if before is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from pullscope.cli import program  # noqa: PLC0415 (after the lines above)

    signal.signal(signal.SIGINT, before)
    return program.run()


if __name__ == "__main__":
    sys.exit(run())
