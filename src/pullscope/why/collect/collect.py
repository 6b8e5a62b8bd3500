"""All of it, in order: the pods that were asked about, what is above and below them, and what registries say of their images."""

import asyncio
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol

import msgspec

from pullscope.base.clock import Clock
from pullscope.base.errors import UnreachableError
from pullscope.kube import resources
from pullscope.kube.status import ApiError
from pullscope.pull.mirrors import Rules
from pullscope.why.collect import (
    containers,
    events,
    imagestreams,
    internal,
    listing,
    mirrors,
    neighbours,
    nodes,
    pods,
    questions,
    reaching,
    redact,
    shapes,
    workloads,
)
from pullscope.why.collect.ledger import REFUSED, Ledger
from pullscope.why.collect.listing import Reader
from pullscope.why.collect.logins import Logins
from pullscope.why.collect.questions import Question, Questions
from pullscope.why.collect.reaching import Manners
from pullscope.why.collect.recall import Recall
from pullscope.why.collect.registries import Asker
from pullscope.why.collect.scope import Scope
from pullscope.why.facts import Cluster, Container, Facts, Node, RegistryImage, Stream, Unseen

_IMAGE_STREAMS = "image.openshift.io"
_GROUPS = msgspec.json.Decoder(shapes.Groups)


class Server(Reader, Protocol):
    """The part of `clusters.cluster.Cluster` that is needed."""

    @property
    def server(self) -> str: ...

    async def version(self) -> str: ...


@dataclass(frozen=True)
class How:
    """`told` hears what is being done. `environment` has the places of the user's own registry credentials."""

    clock: Clock
    manners: Manners = Manners()  # noqa: RUF009 (a frozen value)
    told: Callable[[str], None] = lambda _: None
    environment: Mapping[str, str] = field(default_factory=lambda: os.environ, repr=False)
    recall: Recall | None = None


async def collect(cluster: Server, scope: Scope, how: How) -> Facts:
    """See what there is to see of the scope.

    Raises ApiError and UnreachableError when not even the pods may be read, or what was named is not there.
    """
    ledger = Ledger()
    how.told("asking the API server")
    about = await _about(cluster, ledger)
    if scope.namespace is not None:
        await _look_at_namespace(cluster, scope.namespace, ledger)
    seen, owners = await pods.read(cluster, scope, lambda text: how.told(f"reading pods: {text}"))
    how.told("reading workloads, nodes and events")
    metadata = [each.metadata for each in seen]
    known, there, told = await asyncio.gather(
        workloads.read(cluster, scope.namespace, metadata, ledger),
        nodes.read(cluster, ledger, how.clock),
        events.read(cluster, scope.namespace, frozenset(each.uid for each in metadata), ledger),
    )
    found = tuple(each for pod in pods.below(seen, owners, scope, known) for each in containers.of(pod, known, told))
    del seen, metadata, known, told
    return await _with_registries(cluster, Facts(how.clock.now(), about, found, there), how, ledger)


async def around(cluster: Server, planned: tuple[Container, ...], how: How) -> Facts:
    """What bears on containers that are not there yet, which come back as admission would have them.

    Nodes, who runs their images there, image streams, and what registries say.
    """
    ledger = Ledger()
    how.told("asking the API server")
    about = await _about(cluster, ledger)
    how.told("reading nodes and pods")
    there, beside, admitted = await asyncio.gather(
        nodes.read(cluster, ledger, how.clock),
        neighbours.read(cluster, planned, ledger),
        neighbours.admitted(cluster, planned, ledger),
    )
    seen = Facts(how.clock.now(), about, admitted, there, neighbours=beside)
    return await _with_registries(cluster, seen, how, ledger)


async def _with_registries(cluster: Server, seen: Facts, how: How, ledger: Ledger) -> Facts:
    """The facts with what the references of their containers mean."""
    found = seen.containers
    streams, rules, wanted = await _questions(cluster, found, seen.nodes, ledger, openshift=seen.cluster.openshift)
    answers = await _answers(cluster, wanted, streams, rules, how=how, ledger=ledger)
    return replace(
        seen,
        collected=how.clock.now(),
        registry=answers,
        streams=streams,
        mirrors=rules.mirrors,
        unseen=ledger.unseen,
    )


async def _about(cluster: Server, ledger: Ledger) -> Cluster:
    """Which cluster it is. This is the first that it is asked: whoever is not let in learns it here."""
    try:
        version = await cluster.version()
    except ApiError as error:
        if error.code == 401:
            hint = "the kubeconfig's token or certificate has expired; log in again"
            raise UnreachableError(f"{cluster.server} does not let you in: {error.message}", hint=hint) from error
        version = ""
    try:
        groups = listing.decode(_GROUPS, await cluster.read("/apis", largest=listing.LARGEST), "its API groups")
        openshift = any(group.name == _IMAGE_STREAMS for group in groups.groups or ())
    except REFUSED as error:
        ledger.note("the cluster's kind", error)
        openshift = False
    return Cluster(redact.text(f"{cluster.server}/").rstrip("/"), version, openshift)


async def _look_at_namespace(cluster: Reader, namespace: str, ledger: Ledger) -> None:
    """Whether it is there: a list of what is in a namespace that is not there is merely empty. Raises ApiError 404."""
    try:
        found = await listing.one(cluster, resources.NAMESPACES, None, namespace, shapes.Namespace)
    except ApiError as error:
        if error.code == 404:
            raise
        return  # who may not look at namespaces may look at what is in them
    if found.status.phase == "Terminating":
        cost = "what is judged here is about to go, and nothing new can be made there"
        ledger.add(Unseen(f"namespace {namespace}", "it is being deleted", cost))


async def _questions(
    cluster: Reader,
    found: tuple[Container, ...],
    there: Mapping[str, Node] | None,
    ledger: Ledger,
    *,
    openshift: bool,
) -> tuple[dict[str, Stream], Rules, Questions]:
    """The image streams and mirrors that bear on these containers, and what registries are to be asked."""
    if not openshift:
        return {}, Rules(), questions.of(found, there, frozenset())
    concerned = imagestreams.concerned(found)
    streams, rules = await asyncio.gather(
        imagestreams.read(cluster, concerned, ledger),
        mirrors.read(cluster, ledger),
    )
    local = frozenset(
        tag for tag in concerned.tags if (stream := streams.get(tag.partition(":")[0])) and stream.lookup_local
    )
    asked = questions.of(found, there, local)
    questions.add_followed(asked, imagestreams.follows(streams, concerned))
    questions.add_pointed(asked, found, streams)
    questions.add_mirrored(asked, rules)
    return streams, rules, asked


async def _answers(
    cluster: Reader, wanted: Questions, streams: dict[str, Stream], rules: Rules, *, how: How, ledger: Ledger
) -> dict[str, RegistryImage]:
    """What each reference means: the internal registry's by the API, the others' by their registries."""
    answers = await internal.answers(cluster, internal.taken(wanted), streams, ledger)
    logins = Logins(cluster, ledger, how.environment)
    async with reaching.reach(how.manners, how.clock) as reach:
        asker = Asker(reach, logins, how.manners, how.clock, rules)
        recall = how.recall or Recall(how.clock)
        answers |= await asker.ask(
            wanted, recall, lambda done, all_: how.told(f"asking registries: {done} of {all_} images")
        )
    for question in wanted.values():
        if rules.blocker(question.name):
            answers[str(question.name)] = _of_mirrors(question, rules, answers)
    return answers


def _of_mirrors(question: Question, rules: Rules, answers: dict[str, RegistryImage]) -> RegistryImage:
    """What nodes are told of a name whose own registry they may not ask: the first mirror's answer that has it."""
    own = answers[str(question.name)]
    said = ((str(moved), answers.get(str(moved))) for moved in rules.places(question.name))
    return next((replace(image, via=name) for name, image in said if image and image.status == "found"), own)
