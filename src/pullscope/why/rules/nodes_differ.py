"""Nodes have different images under one tag, and which one runs depends on where a pod comes to be."""

from collections.abc import Iterable, Mapping

from pullscope.pull.flow import Text
from pullscope.why import identity, said, world
from pullscope.why.case import Case
from pullscope.why.facts import Container
from pullscope.why.findings import Cause, Certainty
from pullscope.why.identity import Running
from pullscope.why.rules import node_cache

ID = "nodes-differ"
TITLE = Text("nodes have different images under one tag", "同じタグのイメージがノードごとに異なる")

_SHOWN = 5


def look(case: Case) -> Cause | None:
    """Certain where containers of the same image run different ones; likely where nodes list different ones."""
    if case.word != "stale" or not case.cached or case.running is None or case.by_digest:
        return None
    mine = case.container
    of = (mine.namespace, mine.image, world.written(mine), case.running, identity.platform(case.node))
    seen = case.world.once(("nodes differ", *of), lambda: _seen(case))
    return Cause(ID, TITLE, seen[0], seen[1], node_cache.follow(case)) if seen else None


def _seen(case: Case) -> tuple[Certainty, tuple[Text, ...]] | None:
    """How certain it is, and by what; the same for all containers that run this under that name."""
    ran = _ran(case)
    if _differ(case, ran):
        return "certain", _told(ran, "runs", "で動作")
    listed = {**_listed(case), **ran}
    return ("likely", _told(listed, "has", "を保持")) if _differ(case, listed) else None


def _ran(case: Case) -> Mapping[str, Running]:
    """What runs by node, of the pod's own reference."""
    mine, siblings = case.container, case.world.siblings(case.container)
    key = ("ran", mine.namespace, mine.image, world.written(mine))
    return case.world.once(key, lambda: _by_node(siblings, mine.image))


def _by_node(containers: Iterable[Container], image: str) -> Mapping[str, Running]:
    found = {}
    for each in containers:
        running = identity.read(each.image_id)
        if each.node and running and running.name and each.image == image and each.policy != "Always":
            found[each.node] = running
    return found


def _listed(case: Case) -> Mapping[str, Running]:
    """What nodes have under the name."""
    name = case.reference.name if case.reference else ""
    holders = case.world.holders(case.reference).items()
    return {node: Running(held.digests[0], name) for node, held in holders if held.digests}


def _differ(case: Case, running: Mapping[str, Running]) -> bool:
    """Whether these are not one image in several forms. What was not read is left out, but what runs differs from the tag's."""
    wanted, facts = case.meaning.image, case.world.facts
    if wanted is None or case.running is None or len({each.digest for each in running.values()}) < 2:
        return False
    on = ((each, identity.platform(case.world.node(node))) for node, each in running.items())
    manifests = {identity.manifest(each, wanted, facts.registry, platform) for each, platform in on} - {None}
    if identity.manifest(case.running, wanted, facts.registry, identity.platform(case.node)) is None:
        return not manifests.isdisjoint(identity.digests(wanted))
    return len(manifests) > 1


def _told(running: Mapping[str, Running], verb: str, japanese: str) -> tuple[Text, ...]:
    shown = sorted((node, each.digest) for node, each in running.items())[:_SHOWN]
    return tuple(
        Text(f"node {node} {verb} {said.short(digest)}", f"ノード {node}: {said.short(digest)} {japanese}")
        for node, digest in shown
    )
