"""The tag means an older image than what runs: somebody pushed the old one again, or restored the registry."""

from pullscope.pull.flow import Text
from pullscope.why import case as cases
from pullscope.why import mends, said
from pullscope.why.case import Case
from pullscope.why.findings import Cause, Mend
from pullscope.why.rules import node_cache

ID = "rolled-back"
TITLE = Text("the tag means an older image than what runs", "タグが、動作中のものより古いイメージを指している")


def look(case: Case) -> Cause | None:
    """By the times that the two images themselves tell."""
    if case.word != "stale" or case.running is None or case.answer != "different" or case.meaning.stream:
        return None
    mine, theirs = cases.made(case.world.facts.registry.get(str(case.running))), cases.made(case.meaning.image)
    if mine is None or theirs is None or theirs >= mine:
        return None
    made = Text(
        f"what runs was made at {said.at(mine)}, what the tag means now at {said.at(theirs)}",
        f"動作中のイメージは {said.at(mine)}、タグが現在指すイメージは {said.at(theirs)} に作られました",
    )
    return Cause(ID, TITLE, "certain", (made,), _mends(case))


def _mends(case: Case) -> tuple[Mend, ...]:
    """If it is meant so: run the older one."""
    if case.cached:
        return node_cache.follow(case)
    why = Text(
        "if the older one is meant: starts fresh pods, which get it", "古い方が正しければ、Pod を作り直して取得する"
    )
    return (mends.fresh(case.container, why),)
