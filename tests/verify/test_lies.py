"""The judge is independent: a lie planted between the lab's parts fails exactly the cases that it touches, of the article's."""

import pytest
from tests.verify import lies, wrongrules
from tests.verify.lies import Plant

from pullscope.verify.cases import article


@pytest.mark.parametrize(
    ("lie", "touched", "because"),
    [
        (
            wrongrules.takes_policy(("Always", "Never"), "Always"),
            {"5", "6"},
            {"5": "a pull was tried", "6": "runs registry.war"},
        ),
        (
            lies.of_images(lies.AnswersFromCache),
            {"1", "2"},
            {"1": "the node's copy, although it must fail", "2": "without asking the registry"},
        ),
        (lies.the_registry_serves_the_old_manifest, {"2"}, {"2": "runs node.war"}),
        (
            lies.runs_other_layers,
            {"2", "4"},
            {"2": "the program that was executed found node.war", "4": "found node.war"},
        ),
    ],
    ids=["IfNotPresent always pulls", "Always uses the cache", "the registry serves the old manifest", "other layers"],
)
async def test_a_lie_fails_the_cases_that_it_touches(
    lie: Plant, touched: set[str], because: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    found = await lies.results(lie(monkeypatch), article.CASES)
    assert {each.case.id: each.verdict.word for each in found} == {
        case.id: "fail" if case.id in touched else "pass" for case in article.CASES
    }
    said = {each.case.id: each.verdict.because for each in found}
    assert all(text in said[number] for number, text in because.items()), said
