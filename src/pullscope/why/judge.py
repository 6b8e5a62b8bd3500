"""The verdict on each container, its causes and what the next pod would get. Never a guess: what is not known says so. [pure]"""

from dataclasses import replace

from pullscope.pull import complaints, reasons
from pullscope.pull.flow import Text
from pullscope.why import case as cases
from pullscope.why import forecast, rules, said
from pullscope.why.case import Case
from pullscope.why.facts import Container, Facts
from pullscope.why.findings import Cause, Certainty, Diagnosis, Finding, Word
from pullscope.why.rules import back_off
from pullscope.why.world import World

_ORDER: dict[Certainty, int] = {"certain": 0, "likely": 1, "possible": 2}
_UNTOLD = Text(
    "a pod's status does not tell which image a volume has",
    "ボリュームのイメージは Pod の状態に示されません",
)

Verdict = tuple[Word, Text]


def judge(facts: Facts) -> Diagnosis:
    """All findings, in the order of the containers."""
    world = World(facts)
    return Diagnosis(facts, tuple(finding(cases.of(container, world)) for container in facts.containers))


def finding(case: Case) -> Finding:
    """The verdict on one container, with its causes in the order of their likelihood, then specific before general."""
    word, because = verdict(case)
    judged = replace(case, word=word)
    wanted = case.meaning.upstream if case.meaning.behind else case.meaning.image
    return Finding(
        container=case.container,
        verdict=word,
        because=because,
        running=case.running.digest if case.running else None,
        wanted=(wanted.digest or None) if wanted else None,
        on_node=next(iter(case.held.digests), None) if case.held else None,
        causes=causes(judged),
        forecast=forecast.of(judged),
    )


def causes(case: Case) -> tuple[Cause, ...]:
    """What the rules find. An image that is as it shall be has no cause."""
    if case.word == "up to date":
        return ()
    found = [cause for rule in rules.ALL if (cause := rule.look(case)) is not None]
    return tuple(sorted(found, key=lambda cause: _ORDER[cause.certainty]))  # stable: rules.ALL is specific first


def verdict(case: Case) -> Verdict:
    """The word and the sentence that says why."""
    container = case.container
    if container.state == "waiting" and container.reason in reasons.NO_IMAGE:
        return "failing", _failing(case)
    if case.meaning.reference is None:
        return "unknown", Text(
            f"{case.meaning.text!r} is no image reference", f"{case.meaning.text!r} はイメージ名ではありません"
        )
    if case.running is None:
        return "unknown", _UNTOLD if container.kind == "image volume" else _not_started(container)
    if case.meaning.pinned and case.as_written:
        return "pinned", Text(
            f"the reference is a digest, so no tag can change what runs: {said.short(case.running.digest)}",
            f"ダイジェスト指定なので、タグが動いても変わりません: {said.short(case.running.digest)}",
        )
    return _compared(case)


def _compared(case: Case) -> Verdict:
    match case.answer:
        case "same" if case.meaning.behind:
            return "stale", _behind(case)
        case "same" if case.rewritten:
            return "stale", _rewritten(case)
        case "same":
            return "up to date", _same(case)
        case "different":
            return ("unknown", _ended(case)) if _is_over(case.container) else ("stale", _different(case))
        case _:
            return "unknown", _cannot_tell(case)


def _is_over(container: Container) -> bool:
    """An init container's work lives on in its pod; that of a container that ended does not."""
    return container.state == "terminated" and container.kind == "container"


def _failing(case: Case) -> Text:
    """The reason in words, and which try it was where the kubelet tries again."""
    reason, cause = case.container.reason, case.complaint
    if cause is complaints.Cause.UNKNOWN:
        return said.plain(f"{reason}: {case.container.message}".removesuffix(": "))
    why = Text(f"{reason}: {cause.value}", f"{reason}: {said.JAPANESE[cause]}")
    counted = back_off.told(case)
    return Text(f"{why.en}; {counted.en}", f"{why.ja}。{counted.ja}") if counted else why


def _not_started(container: Container) -> Text:
    if not container.node:
        return Text(
            "it waits for a node, so nothing runs; its events say what keeps it",
            "ノードが割り当てられていないため、まだ起動していません。理由はイベントにあります",
        )
    state = container.reason or container.state
    return Text(f"it has not started yet, so nothing runs ({state})", f"まだ起動していません ({state})")


def _same(case: Case) -> Text:
    digest, name = _running(case), case.meaning.stream or case.meaning.reference
    return Text(f"{digest} is what {name} means now", f"{digest} は {name} が現在指すイメージです")


def _different(case: Case) -> Text:
    digest, name = _running(case), case.meaning.stream or case.meaning.reference
    now = said.short(case.meaning.image.digest) if case.meaning.image else ""
    return Text(
        f"{digest} runs, but {name} means {now} now", f"{digest} が動いていますが、{name} は現在 {now} を指します"
    )


def _behind(case: Case) -> Text:
    digest, stream, source = _running(case), case.meaning.stream, case.meaning.source
    now = said.short(case.meaning.upstream.digest) if case.meaning.upstream else ""
    return Text(
        f"{digest} is what the image stream's tag {stream} points to, but {source}, which it follows, means {now} now",
        f"{digest} はイメージストリームのタグ {stream} が指すイメージですが、参照元の {source} は現在 {now} を指します",
    )


def _rewritten(case: Case) -> Text:
    applied = case.container.template.applied if case.container.template else ""
    digest, stream = _running(case), case.meaning.stream
    return Text(
        f"{digest} is what {stream} means now, but the last apply asked for {applied}",
        f"{digest} は {stream} が現在指すイメージですが、最後の apply は {applied} を指定しました",
    )


def _ended(case: Case) -> Text:
    different = _different(case)
    return Text(f"it has ended; {different.en}", f"終了済みです。{different.ja}")


def _cannot_tell(case: Case) -> Text:
    digest, image = _running(case), case.meaning.image
    name = case.meaning.stream or case.meaning.reference
    if image is None:
        return Text(
            f"nobody could be asked what {name} means now", f"{name} が現在何を指すか、問い合わせられませんでした"
        )
    if image.status != "found":
        error = f": {image.error}" if image.error else ""
        status = said.STATUS[image.status]
        return Text(
            f"what {name} means now is not known: {status.en}{error}",
            f"{name} が現在何を指すか分かりません: {status.ja}{error}",
        )
    return Text(
        f"{digest} cannot be compared with {said.short(image.digest)}, which {name} means now",
        f"{digest} と、{name} が現在指す {said.short(image.digest)} を比べられません",
    )


def _running(case: Case) -> str:
    return said.short(case.running.digest) if case.running else ""
