"""`python -m pullscope.lab`: the lab's own process. `pullscope up` starts it in the background; users do not type it.

It goes past the command line, whose imports would add a tenth to the start.
"""

import argparse
import asyncio
import gc
import json
import os
import sys

from pullscope.lab.settings import Wanted
from pullscope.lab.state import StateDirectory, data_home


def main() -> int:
    """Run the lab until it is told to stop; say on standard output, once, how it came up."""
    parser = argparse.ArgumentParser(prog="python -m pullscope.lab")
    parser.add_argument("--name", required=True)
    parser.add_argument("--wanted", type=json.loads, default={}, help="the fields of settings.Wanted, as JSON")
    asked = parser.parse_args()
    gc.disable()  # imports make no garbage; collecting it meanwhile would cost another tenth
    from pullscope.lab import process  # noqa: PLC0415 (after the line above)

    gc.freeze()
    # Requests make many objects and hardly a circle of them: to look for circles seldom is enough.
    gc.set_threshold(20_000, 20, 20)
    gc.enable()
    report = process.pipe_report()
    process.log_to_stderr()
    state = StateDirectory(asked.name, data_home(os.environ))
    try:
        asyncio.run(process.main(state, Wanted(**asked.wanted), report))
    except Exception as error:  # noqa: BLE001 (whatever it is, the parent is told and the log has it)
        process.report_failure(error, report)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
