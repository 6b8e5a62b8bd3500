"""The full suite: its rows, some of them in a lab, and a lie for each kind of row that makes it fail."""

import itertools
import json
import re
from collections.abc import Callable

import pytest
from tests.verify.conftest import piped
from tests.verify.test_lies import NodeAnswersFromCache, Wrapper

from pullscope.base.clock import FastClock
from pullscope.base.errors import UsageError
from pullscope.cli import proving
from pullscope.cri import api as cri
from pullscope.lab import assembly
from pullscope.lab.config import LabConfig, Seams
from pullscope.verify import path
from pullscope.verify.cases import matrix, suites
from pullscope.verify.cases.suites import Filter
from pullscope.verify.report import document, listing
from pullscope.verify.result import Report

STATES = {case.state for case in matrix.CASES}


def test_every_combination_has_its_row() -> None:
    with_image, without = STATES - {"has it"}, STATES - {"newer", "same"}
    wanted = {
        (policy, on_node, state)
        for policy, on_node in itertools.product(("Always", "IfNotPresent", "Never"), (True, False))
        for state in (with_image if on_node else without)
    }
    assert len(matrix.CASES) == 63
    assert {(case.policy, case.on_node, case.state) for case in matrix.CASES} == wanted
    assert len({case.id for case in suites.rows("full")}) == len(suites.rows("full"))


def test_the_rows_follow_upstreams_rules() -> None:
    """A node's image decides alone but under Always, and nothing falls back to it."""
    for case in matrix.CASES:
        good = case.state in ("has it", "newer", "same")
        if case.policy != "Always" and case.on_node:
            assert case.expected.source == "node"
        elif case.policy == "Never":
            assert case.expected.reasons == ("ErrImageNeverPull",)
        else:
            assert case.expected.source == ("registry" if good else None)


@pytest.mark.parametrize(
    ("only", "count"),
    [
        (Filter(topic="matrix"), 63),
        (Filter(topic="article"), 8),
        (Filter(topic="matrix", policy="Never"), 21),
        (Filter(topic="matrix", outcome="running"), 26),
        (Filter(topic="matrix", policy="Always", outcome="waiting"), 18),
    ],
)
def test_filters(only: Filter, count: int) -> None:
    assert len(proving.choose([], suite="full", only=only)) == count


def test_numbers_are_of_any_suite() -> None:
    assert [case.id for case in proving.choose(["m5", "6"])] == ["6", "m5"]
    with pytest.raises(UsageError, match="there is no case m99"):
        proving.choose(["m99"])
    with pytest.raises(UsageError, match="no case is all of that"):
        proving.choose(["m5"], only=Filter(policy="Never"))


def test_the_listing(capsys: pytest.CaptureFixture[str]) -> None:
    rows = proving.choose(["m2", "m41"])
    assert proving.show_rows(rows, "wide", "en") == 0
    assert "m41  IfNotPresent  no           times out        waits on" in capsys.readouterr().out
    (same, silent) = json.loads(listing.text(rows))["rows"]
    assert same["given"] == {"registry": "same"}
    assert silent["expected"]["reasons"] == ["ContainerCreating"]
    with pytest.raises(UsageError, match="not listed as junit"):
        proving.show_rows(rows, "junit", "en")


# ------------------------------------------------------------------------------------------------- in a lab


class PullsUnderNever(Wrapper):
    """Never pulls: what the kubelet asks about is there, since it is pulled first."""

    async def image_status(self, image: str) -> cri.Image | None:
        found: cri.Image | None = await self._real.image_status(image)
        if found is None:
            await self._real.pull_image(image)
            found = await self._real.image_status(image)
        return found


class PullsAnew(Wrapper):
    """Always downloads everything: what is there is thrown away first."""

    async def pull_image(self, image: str, auth: cri.AuthConfig | None = None) -> str:
        await self._real.remove_image(image)
        return str(await self._real.pull_image(image, auth))


class DeniesImages(Wrapper):
    """What is on the node is never found."""

    async def image_status(self, image: str) -> cri.Image | None:
        return None


class FallsBack(Wrapper):
    """A pull that fails is as good as one that does not, if the node has any image at all."""

    async def pull_image(self, image: str, auth: cri.AuthConfig | None = None) -> str:
        try:
            return str(await self._real.pull_image(image, auth))
        except cri.CriError:
            for other in await self._real.list_images():
                return str(other.id)
            raise


class SaysThatTheTagIsMissing(Wrapper):
    """Whatever goes wrong is reported as a missing tag."""

    async def pull_image(self, image: str, auth: cri.AuthConfig | None = None) -> str:
        try:
            return str(await self._real.pull_image(image, auth))
        except cri.CriError as error:
            name, _, tag = image.rpartition(":")
            raise cri.CriError(f"reading manifest {tag} in {name}: manifest unknown", code=error.code) from error


class GivesUp(Wrapper):
    """A pull that takes long is an error."""

    async def pull_image(self, image: str, auth: cri.AuthConfig | None = None) -> str:
        raise cri.CriError(f"pulling {image}: context deadline exceeded")


async def verified(seams: Seams, *numbers: str) -> Report:
    clock = FastClock(15)
    async with assembly.running(LabConfig(seams=seams, clock=clock)) as lab:
        cases = proving.choose(numbers)
        return await proving.in_lab(proving.Running(lab.kubeconfig, lab.registry, clock), cases, piped())


def words(report: Report) -> dict[str, tuple[str, str]]:
    return {result.case.id: (result.verdict.word, result.verdict.because) for result in report.results}


GOOD = ("m2", "m4", "m9", "m11", "m16", "m31", "m38", "m41", "m55", "m57")


async def test_rows_of_every_kind_pass() -> None:
    report = await verified(Seams(), *GOOD)
    assert [(number, *said) for number, said in words(report).items() if said[0] != "pass"] == []
    assert report.suite == "full"
    for case in document.document(report)["cases"]:
        assert (case["evidence"]["control"] is not None) == (case["expected"]["outcome"] == "waiting")
        asked = case["evidence"]["registry_requests"]
        way = tuple(case["evidence"]["path"])
        assert path.is_under_way(way) if case["id"] == "m41" else path.is_walk(way)
        assert bool(asked) == (case["policy"] != "Never" and case["id"] not in ("m9", "m31"))


@pytest.mark.parametrize(
    ("lie", "because"),
    [
        (NodeAnswersFromCache, {"m2": "was not asked what the tag means", "m5": "although it must fail"}),
        (PullsAnew, {"m2": "bytes of it once more"}),
        (DeniesImages, {"m23": "was on the node|asked for the tag all the same", "m47": "ErrImageNeverPull, although"}),
        (FallsBack, {"m4": "although it must fail"}),
        (PullsUnderNever, {"m54": "although it must fail", "m60": "a pull was tried although the policy is Never"}),
        (
            SaysThatTheTagIsMissing,
            {
                "m15": "refused the credentials, or wants some, but the message says because the registry does not know",
                "m16": "refused the credentials",
                "m18": "an error of its own",
                "m19": "cannot be reached",
                "m21": "not what its digest names",
            },
        ),
        (GivesUp, {"m20": "although the registry had not answered yet"}),
    ],
)
async def test_a_lie_fails_the_rows_that_it_touches(
    lie: Callable[[cri.ImageService], cri.ImageService], because: dict[str, str]
) -> None:
    report = await verified(Seams(images=lie), *because)
    for number, (word, said) in words(report).items():
        assert word == "fail", (number, said)
        assert re.search(because[number], said), (number, said)
