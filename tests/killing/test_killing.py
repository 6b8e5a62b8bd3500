"""The API server and the registry are killed in the midst of writing, and lose nothing that they acknowledged."""

import random
from pathlib import Path

from tests.killing.rounds import Rounds
from tests.killing.victims import Servers

KILLS = 3


async def test_what_was_acknowledged_survives_being_killed(tmp_path: Path) -> None:
    seed = random.randrange(2**32)
    rounds = Rounds(Servers(tmp_path), random.Random(seed))
    await rounds.run(KILLS)
    assert rounds.violations == [], f"seed {seed}"
    assert rounds.acknowledged > KILLS
