"""`kill -9` at random moments: is anything lost that a lab has acknowledged, and how fast is it there again?

    python benchmarks/killing.py [KILLS] [--seed N] [--directory DIR]

A whole lab is started, written to by many clients (objects, a shared counter, images, pods), killed, started again on the
same directory and compared with a model of all that it acknowledged; a part of the kills hits it while it starts. What
is compared, and how, is `tests/killing`. Prints a Markdown table; ends with 1 when a promise was broken.
"""

import argparse
import asyncio
import random
import statistics
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # the model is the tests'

from tests.killing.rounds import Rounds
from tests.killing.victims import WholeLab

KILLS = 200


def report(rounds: Rounds, kills: int, seed: int) -> None:
    faults = [violation.fault for violation in rounds.violations]
    print(f"| {kills} kills of a lab, seed {seed} | |\n| --- | ---: |")
    print(f"| writes acknowledged | {rounds.acknowledged:,} |")
    print(f"| of them lost, or half there | {faults.count('lost')} |")
    print(f"| resourceVersions out of order | {faults.count('order')} |")
    print(f"| ready again, median | {statistics.median(rounds.recoveries):.2f} s |")
    print(f"| ready again, longest | {max(rounds.recoveries):.2f} s |")
    for violation in rounds.violations:
        print(f"{violation.fault}: {violation.key}: {violation.text}", file=sys.stderr)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("kills", nargs="?", type=int, default=KILLS)
    parser.add_argument("--seed", type=int, default=random.randrange(2**32))
    parser.add_argument("--directory", type=Path, default=Path.cwd(), help="on the disk that is to be tried")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.directory, ignore_cleanup_errors=True) as scratch:
        rounds = Rounds(WholeLab(Path(scratch)), random.Random(options.seed), with_pods=True, writes=300)
        asyncio.run(rounds.run(options.kills))
    report(rounds, options.kills, options.seed)
    return 1 if rounds.violations else 0


if __name__ == "__main__":
    sys.exit(main())
