"""Every row of the full suite fails when its lie is planted in the lab: the lies, and the rows that each must fail.

By default one row of each lie is run. With PULLSCOPE_EVERY_ROW=1 all are, and all of them without a lie (`make every-row`).
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass

import pytest
from tests.verify import lies, wrongrules
from tests.verify.lies import Plant

from pullscope.lab.config import Seams
from pullscope.pull.access import Exempt, MustPull
from pullscope.verify.cases import suites
from pullscope.verify.result import CaseResult
from pullscope.verify.scenarios.steps import Scenario, See

EVERY_ROW = os.environ.get("PULLSCOPE_EVERY_ROW") == "1"
ROWS = {case.id: case for case in suites.rows("full")}

_LEFT_OUT = pytest.param("article", marks=pytest.mark.skip("PULLSCOPE_EVERY_ROW=1 runs every row (make every-row)"))
_RUNS = "although it must fail"


@dataclass(frozen=True)
class Lie:
    """`rows`: what the judge must say (a regular expression), and of which. `company`: the node must have run others before.

    `usual`: one of its rows is run by default; not where that takes long, or `test_lies` does it already.
    """

    plant: Plant
    rows: Mapping[str, str]
    company: bool = False
    usual: bool = True

    @property
    def says(self) -> dict[str, str]:
        """What the judge must say of each row."""
        return {row: because for because, rows in self.rows.items() for row in rows.split()}


LIES = {
    "a pull of what is there asks nobody": Lie(
        lies.of_images(lies.AnswersFromCache),
        {
            _RUNS: "1 m3 m4 m5 m6 m7 m8 m9 m10 m11 u1 u2 u6 u7 v1 v5 v9 v12 v17 a1 a5 b5 p3 p4",
            "runs node.war|was not asked": "2 m1 m2 d1 d2 d6 d7 o1 n2 r4 v6 v8 a2 a6 p1",
            "asked 1 times what the tag means, not 2": "i3",
        },
        usual=False,
    ),
    "what is on the node is never found": Lie(
        lies.of_images(lies.DeniesImages),
        {
            "asked for the tag all the same|was asked|asked 2 times": "m23 d4 d5 d8 i2 v8",
            "runs registry.war": "6 m22 d3 o2 n1 i4 r5 v6 a6",
            "although a pod had pulled": "7 m43 m44 m45 m46 m47 m48 m49 m50 m51 m52 m53",
            "a pull was tried": "5 m24 m25 m26 m27 m28 m29 m30 m32",
            "had to run": "o3 u3 u4 n3 n4 r2 r6 v3 v4 v10 v11 v13 v15 v20 a5 a7 b1 b2 b4",
        },
    ),
    "tags are not told apart": Lie(lies.of_images(lies.TakesAnotherTag), {"runs node.war": "o4 o5 o6 o7", _RUNS: "i5"}),
    "Never pulls": Lie(
        wrongrules.takes_policy(("Always", "IfNotPresent"), "IfNotPresent"),
        {
            _RUNS: "8 m54 o5 n3 i5 r2 v7 a7 a8",
            "a pull was tried although the policy is Never": "m55 m56 m57 m58 m59 m60 m61 m63",
            "where ErrImageNeverPull was expected": "v2 v14",
        },
    ),
    "every policy pulls": Lie(
        lies.impatient(wrongrules.takes_policy((), "Always"), 20.0),
        {"a pull was tried, and does not end": "m31 m62"},
        usual=False,
    ),
    "a pull that fails takes any image": Lie(
        lies.of_images(lies.FallsBack),
        {
            _RUNS: "3 m4 m13 m14 m15 m16 m17 m18 m19 m21 m34 m35 m36 m37 m38 m39 m40 m42 "
            "o6 u5 i1 r3 c2 c3 c4 c6 c10 c11 c13 v16 a3 p3 b5"
        },
        company=True,
    ),
    "whatever goes wrong, the tag is missing": Lie(
        lies.of_images(lies.SaysThatTheTagIsMissing),
        {
            "the message says because the registry does not know": "m16 m15 m18 m19 m21",
            "because the registry does not know this (name and )?tag, not because": "c2 v1 u5",
            "where RegistryUnavailable": "u6",
        },
    ),
    "whatever goes wrong, the registry is down": Lie(
        lies.of_images(lies.SaysThatTheRegistryIsDown),
        {
            "where ErrImagePull or ImagePullBackOff was expected": "1 3 m13 m14 m15 m16 m21 m36 o6 c2",
            "where ErrImagePull was": "u7",
        },
        usual=False,
    ),
    "a pull that takes long is an error": Lie(
        lies.of_images(lies.GivesUp), {"although the registry had not answered yet": "m20 m41"}
    ),
    "a pull downloads all anew": Lie(lies.of_images(lies.PullsAnew), {"bytes of it once more": "m2"}),
    "nodes share their caches": Lie(lies.nodes_share_their_caches, {"runs node.war": "n1", _RUNS: "n3"}, usual=False),
    "a container that restarts keeps its image": Lie(
        wrongrules.a_restart_keeps_the_image(), {"runs node.war": "r4"}, usual=False
    ),
    "a failed pull is never tried again": Lie(
        lies.impatient(wrongrules.a_failed_pull_is_never_tried_again(), 15.0),
        {"had to run": "u1 u2 u5 u6 o6 a1 a3"},
        usual=False,
    ),
    "the first entry alone is tried": Lie(
        wrongrules.the_first_entry_alone_is_tried(), {"had to run": "c7 v20"}, usual=False
    ),
    "keys are registries": Lie(wrongrules.keys_are_registries(), {"had to run": "c8 c9"}, usual=False),
    "missing secrets are not told of": Lie(
        wrongrules.missing_secrets_are_not_told_of(), {"no event says": "c4 c16"}, usual=False
    ),
    "every mode is AlwaysVerify": Lie(
        wrongrules.every_image_is_verified(verified=True), {"had to run": "v13 v15"}, usual=False
    ),
    "every mode is NeverVerify": Lie(
        wrongrules.every_image_is_verified(verified=False), {_RUNS: "v14 v2 v7 v19"}, usual=False
    ),
    "secrets are known by their names": Lie(
        wrongrules.secrets_are_known_by_their_names(), {"had to run": "v4"}, usual=False
    ),
    "what was pulled without credentials is nobody's": Lie(
        wrongrules.pulled_without_credentials_is_nobodys(), {"had to run": "v10"}, usual=False
    ),
    "what anybody pulled is for all": Lie(
        wrongrules.whoever_pulled_it_is_for_all(), {_RUNS: "v18 v2 v7 a7", "was not asked": "v8"}, usual=False
    ),
    "kubelets learn nothing": Lie(wrongrules.nothing_is_learned(), {"was asked": "v8"}, usual=False),
    "nobody asks for credentials": Lie(
        wrongrules.access_is(Exempt()),
        {_RUNS: "v2 v1 v5 v7 v9 v12 v14 v17 v18 v19 a5 a7", "runs node.war|was not asked": "v6 v8 a6"},
    ),
    "nobody may use what is there": Lie(
        wrongrules.access_is(MustPull()),
        {"had to run": "v3 v4 v10 v11 v13 v15 v20 a5 a7", "runs registry.war": "v6", "was asked": "v8"},
    ),
    "kubelets before 1.35 ask for credentials": Lie(
        wrongrules.old_kubelets_ask_for_credentials(), {"had to run": "b2 b1 b4", "runs registry.war": "b3"}
    ),
    "nobody has credentials": Lie(wrongrules.nobody_has_credentials(), {"had to run": "c1 c5 c7 c8 c9 c12 c14 c16 a4"}),
    "every entry is for every image": Lie(wrongrules.every_entry_is_for_every_image(), {_RUNS: "c10 c11 c15"}),
    "secrets of the account are added": Lie(wrongrules.secrets_of_accounts_are_added(), {_RUNS: "c6"}),
    "all without policy is IfNotPresent": Lie(
        wrongrules.every_policy_is("IfNotPresent"), {"made imagePullPolicy IfNotPresent": "d1 d2 d6 d7"}
    ),
    "all without policy is Always": Lie(
        wrongrules.every_policy_is("Always"), {"made imagePullPolicy Always": "d3 d4 d5 d8"}
    ),
    "the plugin does nothing": Lie(
        wrongrules.the_plugin_does_nothing(), {"made imagePullPolicy (IfNotPresent|Never) from": "p2 p1 p3 p4"}
    ),
    "containers run another image's layers": Lie(
        lies.runs_other_layers,
        {"the program that was executed found node.war": "4 m12 m33 o4 o7 c1 i2 a4"},
        company=True,
        usual=False,
    ),
    "crictl rmi does nothing": Lie(lies.of_images(lies.RemovesNothing), {"runs node.war": "r1 r8", _RUNS: "r2 r3"}),
    "crictl rmi refuses everything": Lie(
        lies.of_images(lies.RefusesToRemove), {"is in use by a container": "r8 r1 r2 r3"}, usual=False
    ),
    "crictl rmi takes what is in use": Lie(
        lies.of_images(lies.NeverRefusesToRemove), {"`crictl rmi": "r7"}, usual=False
    ),
    "the registry serves the old manifest": Lie(
        lies.the_registry_serves_the_old_manifest, {"runs node.war": "2 m1"}, usual=False
    ),
}


def test_every_row_has_its_lie() -> None:
    assert {row for lie in LIES.values() for row in lie.says} == set(ROWS)


@pytest.mark.timeout(300 if EVERY_ROW else 60)
@pytest.mark.parametrize("lie", [pytest.param(lie, id=name) for name, lie in LIES.items() if lie.usual or EVERY_ROW])
async def test_a_lie_fails_its_rows(lie: Lie, monkeypatch: pytest.MonkeyPatch) -> None:
    says = lie.says if EVERY_ROW else dict([next(iter(lie.says.items()))])
    found = await lies.results(lie.plant(monkeypatch), [ROWS[row] for row in says], company=lie.company)
    assert [_said(each) for each in found if not _is_as_it_must_be(each, says[each.case.id])] == []


def _is_as_it_must_be(found: CaseResult, because: str) -> bool:
    """It failed, for the right reason; a scenario went no further than to the look that shows it."""
    word, said = found.verdict.word, found.verdict.because
    if word != "fail" or re.search(because, said) is None:
        return False
    if not isinstance(found.case, Scenario) or found.evidence.obstacle is not None:
        return True
    looks = [step.name for step in found.case.steps if isinstance(step, See)]
    return said.startswith(f"{looks[len(found.evidence.sights) - 1]}: ")


def _said(found: CaseResult) -> tuple[str, str, str]:
    return found.case.id, found.verdict.word, found.verdict.because


@pytest.mark.timeout(300)
@pytest.mark.parametrize("topic", suites.TOPICS if EVERY_ROW else [_LEFT_OUT])
async def test_every_row_passes_without_a_lie(topic: suites.Topic) -> None:
    found = await lies.results(Seams(), suites.TOPICS[topic])
    assert [_said(each) for each in found if each.verdict.word != "pass"] == []
