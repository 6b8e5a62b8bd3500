"""The tag moved after the container was started, and nothing has started it since."""

from pullscope.pull.flow import Text
from pullscope.why import mends, said
from pullscope.why.case import Case
from pullscope.why.findings import Cause, Certainty, Mend
from pullscope.why.rules import node_cache

ID = "not-restarted"
TITLE = Text("the pod is older than the push, and was not restarted", "Pod が push より前に起動し、再起動されていない")


def look(case: Case) -> Cause | None:
    """Certain where the registry delivered what runs, or the image was made later; else what the policy leaves over."""
    if case.word != "stale" or case.answer != "different" or case.delivered == "node":
        return None
    if case.outdated or (case.by_digest and case.meaning.stream):
        return None
    told = _told(case)
    return Cause(ID, TITLE, told[0], told[1], _mends(case)) if told else None


def _told(case: Case) -> tuple[Certainty, tuple[Text, ...]] | None:
    started = case.container.started
    if case.moved_after_start and case.moved and started:
        made = Text(
            f"it was started at {said.at(started)}; the image that the tag means now is from {said.at(case.moved)}",
            f"起動は {said.at(started)}、タグが現在指すイメージは {said.at(case.moved)} のものです",
        )
        return "certain", (made,)
    if case.start is not None:
        doubted = case.moved is not None or case.mirrors
        return "likely" if doubted else "certain", (said.plain(case.start.message),)
    if case.cached and case.moved_after_start is False:
        return None
    return ("possible" if case.cached else "likely"), (_policy(case),)


def _policy(case: Case) -> Text:
    started = said.at(case.container.started) if case.container.started else "?"
    policy = case.container.policy
    return Text(f"{policy}, and started at {started}", f"{policy} で、{started} に起動しました")


def _mends(case: Case) -> tuple[Mend, ...]:
    """A restart mends only where the policy asks the registry."""
    if case.cached and not case.by_digest:
        return node_cache.follow(case)
    return (
        mends.fresh(
            case.container, Text("starts fresh pods, which ask the registry", "Pod を作り直し、レジストリから取得する")
        ),
    )
