"""Nodes have different images under one tag, and which one runs depends on where a pod comes to be."""

from collections.abc import Mapping

from pullscope.pull.flow import Text
from pullscope.why import identity, said
from pullscope.why.case import Case
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
    found = {}
    for other in case.world.siblings(case.container):
        running = identity.read(other.image_id)
        if other.node and running and running.name and other.image == case.container.image and other.policy != "Always":
            found[other.node] = running.digest
    return found


def _listed(case: Case) -> Mapping[str, str]:
    """What nodes have under the name; of one with several digests, what runs if that is among them."""
    found = {}
    for node in case.world.facts.nodes or {}:
        held = case.world.held(node, case.reference)
        if held and held.digests:
            mine = case.running.digest if case.running else ""
            found[node] = mine if mine in held.digests else held.digests[0]
    return found


def _told(digests: Mapping[str, str], verb: str, japanese: str) -> tuple[Text, ...]:
    shown = sorted(digests.items())[:_SHOWN]
    return tuple(
        Text(f"node {node} {verb} {said.short(digest)}", f"ノード {node}: {said.short(digest)} {japanese}")
        for node, digest in shown
    )
