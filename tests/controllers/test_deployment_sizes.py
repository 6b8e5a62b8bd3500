"""The arithmetic of rollouts, in rows after those of upstream's rolling_test.go and sync_test.go."""

from typing import Any

import pytest
from tests.controllers.objects import deployment, replica_set

from pullscope.controllers.deployment import facts, sizes


def sets(*objects: dict[str, Any]) -> list[facts.ReplicaSet]:
    return [facts.replica_set(each) for each in objects]


@pytest.mark.parametrize(
    ("surge", "unavailable", "replicas", "expected"),
    [
        ("25%", "25%", 1, (1, 0)),
        ("25%", "25%", 4, (1, 1)),
        ("25%", "25%", 10, (3, 2)),
        (0, 0, 10, (0, 1)),
        ("0%", "10%", 5, (0, 1)),
        (2, 1, 10, (2, 1)),
        ("100%", 0, 3, (3, 0)),
        (0, 5, 3, (0, 3)),
        (0, 1, 0, (0, 0)),
    ],
)
def test_surge_is_rounded_up_and_unavailable_down(
    surge: int | str, unavailable: int | str, replicas: int, expected: tuple[int, int]
) -> None:
    read = facts.deployment(deployment(replicas, surge=surge, unavailable=unavailable))
    assert (read.max_surge, read.max_unavailable) == expected


@pytest.mark.parametrize(
    ("replicas", "surge", "new", "old", "expected"),
    [
        (10, 0, 0, 10, 0),
        (10, 2, 0, 10, 2),
        (10, 2, 0, 5, 7),
        (10, 2, 0, 0, 10),
        (10, 2, 2, 10, 2),
        (1, 2, 2, 10, 1),
    ],
)
def test_the_new_replica_set_grows_into_the_room(replicas: int, surge: int, new: int, old: int, expected: int) -> None:
    given = facts.deployment(deployment(replicas, surge=surge, unavailable=0))
    new_set, old_set = sets(replica_set("new", new), replica_set("old", old))
    assert sizes.new_size(given, new_set, [old_set]) == expected


@pytest.mark.parametrize(
    ("unavailable", "old", "ready_old", "new", "ready_new", "expected"),
    [
        (0, 10, 10, 0, 0, None),
        (2, 10, 10, 0, 0, 8),
        (2, 10, 8, 0, 0, 8),
        (2, 10, 10, 2, 0, 8),
        (0, 10, 10, 5, 5, 5),
        (2, 10, 9, 0, 0, 8),
        (2, 10, 8, 2, 0, 8),
        (2, 8, 6, 2, 0, None),
    ],
)
def test_old_replica_sets_shrink_as_far_as_availability_allows(
    unavailable: int, old: int, ready_old: int, new: int, ready_new: int, expected: int | None
) -> None:
    given = facts.deployment(deployment(10, surge=3, unavailable=unavailable))
    new_set, old_set = sets(replica_set("new", new, ready_new), replica_set("old", old, ready_old))
    changed = sizes.old_sizes(given, new_set, [old_set])
    assert changed == ({} if expected is None else {"old": expected})


def test_of_several_old_replica_sets_the_oldest_shrinks_first() -> None:
    given = facts.deployment(deployment(10, surge=0, unavailable=3))
    new, older, younger = sets(
        replica_set("new", 0), replica_set("older", 2, age=90), replica_set("younger", 8, age=60)
    )
    assert sizes.old_sizes(given, new, [younger, older]) == {"older": 0, "younger": 7}


def test_pods_that_do_not_run_anyway_go_first() -> None:
    given = facts.deployment(deployment(10, surge=0, unavailable=2))
    new, sound, broken = sets(
        replica_set("new", 0), replica_set("sound", 8, age=90), replica_set("broken", 2, 0, age=60)
    )
    assert sizes.old_sizes(given, new, [sound, broken]) == {"broken": 0}


@pytest.mark.parametrize(
    ("before", "after", "new", "old", "expected"),
    [
        # without surge; the old ones' sizes by age, youngest first
        (10, 12, 10, [], [12]),
        (10, 5, 10, [], [5]),
        (12, 20, 8, [4], [13, 7]),
        (10, 20, 5, [5], [10, 10]),
        (10, 5, 5, [3, 2], [2, 2, 1]),
        (10, 20, 4, [3, 3], [8, 6, 6]),
        (10, 0, 4, [3, 3], [0, 0, 0]),
        (6, 10, 2, [2, 2], [4, 3, 3]),
    ],
)
def test_a_change_of_size_in_a_rollout_is_shared_in_proportion(
    before: int, after: int, new: int, old: list[int], expected: list[int]
) -> None:
    given = facts.deployment(deployment(after, surge=0, unavailable=1))
    noted = {"desired": before, "limit": before}
    new_set = facts.replica_set(replica_set("new", new, 0, age=1, **noted))
    old_sets = sets(*(replica_set(f"old-{n}", size, 0, age=10 + n, **noted) for n, size in enumerate(old)))
    assert sizes.is_scaled(given, [new_set, *old_sets])
    changed = sizes.scaled(given, new_set, old_sets)
    assert [changed.get(each.name, each.size) for each in [new_set, *old_sets]] == expected


def test_a_whole_new_replica_set_empties_the_others() -> None:
    given = facts.deployment(deployment(5, surge=0, unavailable=1))
    new, old = sets(replica_set("new", 5, desired=5, limit=5), replica_set("old", 2, desired=5, limit=5))
    assert sizes.scaled(given, new, [old]) == {"old": 0}
