"""All questions, asked of their registries side by side: politely, and in a time that a silent registry cannot stretch."""

import asyncio
from collections.abc import Callable, Collection, Iterator
from dataclasses import replace

from pullscope.base import tasks
from pullscope.base.clock import Clock
from pullscope.oci import reference as references
from pullscope.oci.reference import InvalidReferenceError
from pullscope.pull.mirrors import Rules
from pullscope.remote import errors
from pullscope.remote.errors import RemoteError
from pullscope.remote.registries import Login
from pullscope.why import identity
from pullscope.why.collect import asking
from pullscope.why.collect.logins import Logins
from pullscope.why.collect.pacing import AT_ONCE
from pullscope.why.collect.questions import Question, Questions
from pullscope.why.collect.reaching import Manners, Reach
from pullscope.why.collect.recall import Recall
from pullscope.why.facts import RegistryImage

Answers = dict[str, RegistryImage]

_MOST_REQUESTS = 10  # for one reference, or nearly so


class Asker:
    """Asks registries, each as `reach` leads there."""

    def __init__(self, reach: Reach, logins: Logins, manners: Manners, clock: Clock, rules: Rules) -> None:
        self._reach = reach
        self._logins = logins
        self._manners = manners
        self._clock = clock
        self._rules = rules

    async def ask(self, questions: Questions, recall: Recall, told: Callable[[int, int], None]) -> Answers:
        """The answers by the same keys, and what they led to besides. `told` hears how many of how many are done."""
        answers: Answers = {}
        queues: dict[str, list[Question]] = {}
        for question in questions.values():
            queues.setdefault(question.name.registry, []).append(question)
        done = 0

        async def work(waiting: Iterator[Question]) -> None:
            nonlocal done
            for question in waiting:
                known = recall.of(question)
                answers.update(recall.keep(question, await self._answers(question)) if known is None else known)
                done += 1
                told(done, len(questions))

        workers: list[asyncio.Task[None]] = []
        for queue in queues.values():
            waiting = iter(queue)
            workers += [asyncio.create_task(work(waiting)) for _ in range(min(AT_ONCE, len(queue)))]
        try:
            await asyncio.gather(*workers)
        finally:
            await tasks.end(*workers)
        return answers

    async def _answers(self, question: Question) -> Answers:
        """The answer, within the time that one reference may take."""
        queueing = AT_ONCE * _MOST_REQUESTS / self._manners.rate  # others' turns are no fault of the registry's
        found = await tasks.within(self._clock, self._manners.longest + queueing, self._tried(question))
        if found is not None:
            return found
        slow = errors.TimedOutError(question.name.registry, "i/o timeout")
        self._reach.pace(question.name).give_up(slow)
        return {str(question.name): asking.failure(slow)}

    async def _tried(self, question: Question) -> Answers:
        """The answer to the first credentials that are let in; else the first refusal."""
        refused: RegistryImage | None = None
        nobody: bool | None = None
        blocker = self._rules.blocker(question.name)
        if blocker:
            return {str(question.name): asking.failure(errors.BlockedError(question.name.registry, blocker))}
        async for login in self._logins.of(question):
            try:
                return _told(await self._looked(question, login), question, anonymous=nobody if login else True)
            except RemoteError as error:
                answer = asking.failure(error)
            nobody = nobody if login else False
            refused = refused or answer
            if answer.status != "unauthorised":
                return {str(question.name): answer}
        assert refused is not None  # being nobody is always tried
        return {str(question.name): refused}

    async def _looked(self, question: Question, login: Login | None) -> Answers:
        """One reference by one login: as little as tells whether somebody has something else. Raises RemoteError."""
        name = question.name
        client, pace = await self._reach.client(name, login), self._reach.pace(name)
        image = await asking.head(client, pace, name)
        answers = {str(name): image}
        if not question.differs(image.digest):
            return answers
        looked = await asking.get(client, pace, name)
        image = answers[str(name)] = looked.image
        others = [each for each in question.running if each.digest not in identity.digests(image)]
        if not others:
            return answers
        answers[str(name)] = await asking.with_age(client, pace, name.repository, looked, question.platforms)
        for running in (each for each in others if not each.loaded):  # no registry has what was loaded
            answers |= await self._beside(running.name, running.digest, question, login)
        if any(not running.name for running in others):
            for digest in _entries(image, question.platforms):
                answers |= await self._beside(name.name, digest, question, login)
        return answers

    async def _beside(self, repository: str, digest: str, question: Question, login: Login | None) -> Answers:
        """What is known of another image than the reference means. A bare id of a config cannot be asked about."""
        try:
            name = references.parse(f"{repository}@{digest}")
        except InvalidReferenceError:
            return {}
        try:
            client, pace = await self._reach.client(name, login), self._reach.pace(name)
            looked = await asking.get(client, pace, name)
            return {str(name): await asking.with_age(client, pace, name.repository, looked, question.platforms)}
        except RemoteError as error:
            return {str(name): asking.failure(error)}


def _told(answers: Answers, question: Question, *, anonymous: bool | None) -> Answers:
    """The same, with whether the registry tells it to whoever has no credentials."""
    name = str(question.name)
    return {**answers, name: replace(answers[name], anonymous=anonymous)}


def _entries(image: RegistryImage, platforms: Collection[str]) -> list[str]:
    """The manifests of an index that the nodes in question may run."""
    wanted = tuple(platforms) or (asking.USUAL,)
    return [digest for key, digest in image.manifests.items() if key.startswith(wanted)]
