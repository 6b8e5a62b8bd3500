"""`kubectl pullscope …`: kubectl runs the program `kubectl-pullscope`, which is this one under another name, and for its
completion `kubectl_complete-pullscope` with the words so far.

Upstream: kubectl v0.36 pkg/cmd/plugin/plugin_completion.go; the answer is one completion a line and a directive of cobra's.
"""

import os
import shlex
import sys

NO_FILES = ":4"  # cobra's ShellCompDirectiveNoFileComp


def complete() -> int:
    """Print what may come at the place of the last word; returns the exit code."""
    from pullscope.cli import program

    words = sys.argv[1:] or [""]
    os.environ |= {
        "_PULLSCOPE_COMPLETE": "complete_bash",
        "COMP_WORDS": shlex.join(["pullscope", *words]),
        "COMP_CWORD": str(len(words)),
    }
    try:
        program.run([])
    except SystemExit as ended:  # completion ends so
        if ended.code:
            return int(ended.code)
    sys.stdout.write(f"{NO_FILES}\n")
    return 0
