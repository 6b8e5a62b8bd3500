"""Nodes have different images under one tag, and which one runs depends on where a pod comes to be."""

from collections.abc import Iterable, Mapping

from pullscope.pull.flow import Text
from pullscope.why import identity, said, world
from pullscope.why.case import Case
from pullscope.why.facts import Container
from pullscope.why.findings import Cause
from pullscope.why.rules import node_cache

ID = "nodes-differ"
TITLE = Text("nodes have different images under one tag", "同じタグのイメージがノードごとに異なる")

_SHOWN = 5


def look(case: Case) -> Cause | None:
    """Certain where containers of the same image run different ones; likely where nodes list different ones."""
    if case.word != "stale" or not case.cached or case.running is None or case.by_digest:
        return None
    ran = _ran(case)
    if len(set(ran.values())) > 1:
        return Cause(ID, TITLE, "certain", _told(ran, "runs", "で動作"), node_cache.follow(case))
    listed = {**_listed(case), **ran}
    if len(set(listed.values())) > 1:
        return Cause(ID, TITLE, "likely", _told(listed, "has", "を保持"), node_cache.follow(case))
    return None


def _ran(case: Case) -> Mapping[str, str]:
    """What runs by node, of the pod's own reference."""
    mine, siblings = case.container, case.world.siblings(case.container)
    key = ("ran", mine.namespace, mine.image, world.written(mine))
    return case.world.once(key, lambda: _by_node(siblings, mine.image))


def _by_node(containers: Iterable[Container], image: str) -> Mapping[str, str]:
    found = {}
    for each in containers:
        running = identity.read(each.image_id)
        if each.node and running and running.name and each.image == image and each.policy != "Always":
            found[each.node] = running.digest
    return found


def _listed(case: Case) -> Mapping[str, str]:
    """What nodes have under the name; of one with several digests, what runs if that is among them."""
    mine = case.running.digest if case.running else ""
    holders = case.world.holders(case.reference).items()
    return {node: mine if mine in held.digests else held.digests[0] for node, held in holders if held.digests}


def _told(digests: Mapping[str, str], verb: str, japanese: str) -> tuple[Text, ...]:
    shown = sorted(digests.items())[:_SHOWN]
    return tuple(
        Text(f"node {node} {verb} {said.short(digest)}", f"ノード {node}: {said.short(digest)} {japanese}")
        for node, digest in shown
    )
