"""A scenario as it went: what was done, step by step, and at each look what had to be seen and what was. [pure]"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pullscope.verify.case import Source
from pullscope.verify.evidence import Evidence, Pod, Sight
from pullscope.verify.report.words import ENGLISH, Words
from pullscope.verify.result import CaseResult
from pullscope.verify.scenarios import judge
from pullscope.verify.scenarios.steps import Scenario, See
from pullscope.verify.verdict import short


@dataclass(frozen=True)
class Chapter:
    """One step. `looked`: of a look, what had to be seen, what was, and what the pod's container says of it."""

    number: int
    did: str
    looked: tuple[tuple[str, str], ...] = ()


def chapters(scenario: Scenario, evidence: Evidence, words: Words = ENGLISH) -> list[Chapter]:
    """The steps that were done, in their order."""
    sights = iter(evidence.sights)
    return [
        _look(number, step, sight, evidence, words)
        if isinstance(step, See) and (sight := next(sights, None))
        else Chapter(number, f"{words.say(done.did)} → {words.say(done.came_back)}")
        for number, (step, done) in enumerate(zip(scenario.steps, evidence.story, strict=False), 1)
    ]


def left(scenario: Scenario, evidence: Evidence) -> str:
    """How many steps were not done, as a sentence; empty when all were."""
    count = len(scenario.steps) - len(evidence.story)
    return f"{count} more of {len(scenario.steps)} steps were not done" if count else ""


def because(scenario: Scenario, result: CaseResult, words: Words) -> str:
    """The judge's sentence in the language: it names looks, and says something of each."""
    said, names = result.verdict.because, {step.name for step in scenario.steps if isinstance(step, See)}
    name, colon, rest = said.partition(": ")
    if colon and name in names:
        return f"{name}: {words.say(rest)}"
    if result.verdict.word != "pass":
        return words.say(said)
    parts, after = (part.partition(" ") for part in said.split("; ")), " " if words.language == "en" else ": "
    return "; ".join(f"{name}{after}{words.say(rest)}" for name, _, rest in parts)


def _look(number: int, see: See, sight: Sight, evidence: Evidence, words: Words) -> Chapter:
    did = words.say(f"looked at {see.name}") + (f" ({sight.pod.name})" if sight.pod else "")
    looked = [
        ("must be", _listed(_wanted(see, evidence, words), words)),
        ("is", _listed(_seen(see, sight, evidence, words), words)),
        ("message", sight.pod.message if sight.pod else ""),
    ]
    return Chapter(number, did, tuple((words.say(name), text) for name, text in looked if text))


def _wanted(see: See, evidence: Evidence, words: Words) -> Iterator[str]:
    """What the pod had to come to, then how."""
    if see.old:
        yield "the pod from before the change"
    if see.container == "init":
        yield "its init container"
    if see.runs:
        yield f"runs {_image(see.runs, evidence)}"
    if see.waits:
        yield f"waits with {words.say(' or ').join(see.waits)}"
    if see.cause:
        yield f"because {see.cause.value}"
    if see.eventually:
        yield "in the end"
    yield from _way(see)


def _way(see: See) -> Iterator[str]:
    if see.restarts:
        yield f"restarts: {see.restarts}"
    if see.policy:
        yield f"imagePullPolicy {see.policy}"
    if see.asked is not None:
        yield "the registry is asked" if see.asked else "the registry is not asked"
    if see.times is not None:
        yield f"requests for the tag: {see.times}"
    if see.sent is not None:
        yield "it sends blobs" if see.sent else "it sends no blobs"
    if see.event:
        yield f'an event with "{see.event}"'
    if see.absent:
        yield f'no event with "{see.absent}"'


def _seen(see: See, sight: Sight, evidence: Evidence, words: Words) -> Iterator[str]:
    pod = sight.pod
    if pod is None:
        yield f"no pod within {sight.waited:.0f} s"
        return
    yield pod.status
    if pod.running:
        yield _ran(pod, evidence)
    if not sight.settled:
        yield f"not settled after {sight.waited:.0f} s"
    if pod.restarts:
        yield f"restarts: {pod.restarts}"
    yield f"imagePullPolicy {pod.policy}"
    yield f"node {pod.node or words.say('none')}"
    asked = len(judge.manifests(sight))
    yield f"requests for manifests: {asked}" if asked else "the registry is not asked"
    if see.times is not None:
        yield f"requests for the tag: {judge.resolved(sight)}"
    if sent := judge.sent(sight):
        yield f"{sent} bytes of blobs"


def _image(source: Source, evidence: Evidence) -> str:
    variant = evidence.variant(source)
    return f"{variant.war} ({short(variant.digest)})" if variant else f"the {source}'s image"


def _ran(pod: Pod, evidence: Evidence) -> str:
    """What runs, as it is called here; the imageID of what was not made here."""
    variant = evidence.named_by(pod.image_id)
    return _image(variant.source, evidence) if variant else pod.image_id


def _listed(phrases: Iterable[str], words: Words) -> str:
    return words.say(", ").join(map(words.say, phrases))
