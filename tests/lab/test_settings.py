"""What `up` may change about a lab, and what it may not."""

import pytest

from pullscope.base.errors import UsageError
from pullscope.lab import settings
from pullscope.lab.settings import Settings, Wanted

RUNNING = {"name": "default", "server": "https://127.0.0.1:6443", "registry": "127.0.0.1:5000", "clock": "system"}


@pytest.mark.parametrize(
    ("before", "wanted", "after"),
    [
        (None, Wanted(), Settings()),
        (None, Wanted(nodes=3), Settings(nodes=3)),
        (None, Wanted(ephemeral=True, always_pull_images=True), Settings(always_pull_images=True, ephemeral=True)),
        (Settings(nodes=3), Wanted(), Settings(nodes=3)),
        (Settings(nodes=3), Wanted(nodes=3), Settings(nodes=3)),
        (Settings(nodes=3), Wanted(nodes=16), Settings(nodes=16)),
        (Settings(always_pull_images=True), Wanted(), Settings(always_pull_images=True)),
        (Settings(always_pull_images=True), Wanted(always_pull_images=False), Settings()),
        (Settings(ephemeral=True), Wanted(), Settings(ephemeral=True)),
        (Settings(ephemeral=True), Wanted(ephemeral=True), Settings(ephemeral=True)),
    ],
)
def test_what_is_not_asked_for_stays(before: Settings | None, wanted: Wanted, after: Settings) -> None:
    assert settings.decide("default", before, wanted) == after


@pytest.mark.parametrize(
    ("before", "wanted", "why"),
    [
        (None, Wanted(nodes=0), "a lab cannot have 0 nodes"),
        (Settings(), Wanted(nodes=17), "a lab cannot have 17 nodes"),
        (Settings(nodes=3), Wanted(nodes=2), "the lab x has 3 nodes: more can be added, none taken away"),
        (Settings(), Wanted(ephemeral=True), "the lab x is there, and is kept"),
    ],
)
def test_what_cannot_be_is_refused(before: Settings | None, wanted: Wanted, why: str) -> None:
    with pytest.raises(UsageError) as caught:
        settings.decide("x", before, wanted)
    assert caught.value.message == why
    assert caught.value.hint


@pytest.mark.parametrize(
    "wanted", [Wanted(), Wanted(6443, 5000, 2, always_pull_images=False, ephemeral=True), Wanted(ephemeral=True)]
)
def test_a_lab_that_runs_as_wanted_will_do(wanted: Wanted) -> None:
    settings.check_running(RUNNING, Settings(nodes=2, ephemeral=True), wanted)


@pytest.mark.parametrize(
    ("wanted", "difference"),
    [
        (Wanted(api_port=443), "its API server at https://127.0.0.1:6443"),
        (Wanted(registry_port=6443), "its registry at 127.0.0.1:5000"),
        (Wanted(nodes=3), "2 nodes"),
        (Wanted(always_pull_images=True), "AlwaysPullImages off"),
        (Wanted(ephemeral=True), "a state that is kept"),
        (Wanted(clock="60"), "the machine's clock"),
        (Wanted(kubernetes_version="1.34"), "nodes of Kubernetes 1.36"),
        (Wanted(pinned_images="a"), "no pinned images"),
        (Wanted(image_disk="1Gi"), "endless disks for images"),
    ],
)
def test_the_first_difference_of_a_running_lab_is_named(wanted: Wanted, difference: str) -> None:
    with pytest.raises(UsageError) as caught:
        settings.check_running(RUNNING, Settings(nodes=2), wanted)
    assert caught.value.message == f"the lab default is already running, with {difference}"


def test_settings_are_kept_with_the_release_that_wrote_them() -> None:
    kept = settings.document(Settings(nodes=2))
    assert settings.parse(kept) == Settings(nodes=2)
    settings.check_release("x", kept["release"])
    with pytest.raises(settings.OtherReleaseError) as caught:
        settings.check_release("x", "99.1")
    assert caught.value.hint == "`pullscope delete --name x` removes it, `pullscope up --name x` then makes a new one"


def test_mirrors_are_kept_until_others_are_given() -> None:
    first = settings.decide("a", None, Wanted(mirrors=["r.test=m.test:5000"]))
    assert first.mirrors == ("r.test=m.test:5000",)
    assert settings.decide("a", first, Wanted()).mirrors == first.mirrors
    assert settings.decide("a", first, Wanted(mirrors=["s.test=m.test"])).mirrors == ("s.test=m.test",)
    assert settings.decide("a", first, Wanted(mirrors=[""])).mirrors == ()
    with pytest.raises(UsageError, match="'nonsense' is no mirror"):
        settings.decide("a", first, Wanted(mirrors=["nonsense"]))
