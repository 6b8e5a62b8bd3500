"""Whether the rules that somebody has cover those that he wants to grant.

Upstream: k8s.io/component-helpers v0.36 auth/rbac/validation/policy_comparator.go, kubernetes v1.36
pkg/registry/rbac/validation/policy_compact.go. Upstream breaks every rule down to single verbs and resources; here a rule
that is covered as a whole is not, and one that would become too many is refused: a body of 3 MB can name 10^12.
"""

import itertools
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from pullscope.apiserver.rbac.rules import ALL, Rule, url_covers
from pullscope.kube import status

PIECES_MAX = 20_000


def missing(owned: Sequence[Rule], wanted: Iterable[Rule]) -> list[Rule]:
    """What of `wanted` is not covered by `owned`, compacted. Raises ApiError 400 for too many pieces."""
    found = [rule for rule in wanted if not any(covers(owner, rule) for owner in owned)]
    if sum(_pieces_of(rule) for rule in found) > PIECES_MAX:
        raise status.bad_request(f"the rules grant more than {PIECES_MAX} combinations of verbs and resources")
    pieces = (piece for rule in found for piece in breakdown(rule))
    return compact(piece for piece in pieces if not any(covers(owner, piece) for owner in owned))


def covers(owner: Rule, rule: Rule) -> bool:
    """Whether one rule allows all that another does. True always holds; false is certain for single verbs and resources."""
    return (
        (ALL in owner.verbs or set(rule.verbs) <= set(owner.verbs))
        and (ALL in owner.groups or set(rule.groups) <= set(owner.groups))
        and (ALL in owner.resources or all(_has_resource(owner.resources, each) for each in rule.resources))
        and (not owner.names or (bool(rule.names) and set(rule.names) <= set(owner.names)))
        and all(any(url_covers(pattern, url) for pattern in owner.urls) for url in rule.urls)
    )


def _has_resource(owned: tuple[str, ...], resource: str) -> bool:
    _, slash, part = resource.partition("/")
    return resource in owned or (bool(slash) and f"*/{part}" in owned)


def _pieces_of(rule: Rule) -> int:
    names = max(1, len(rule.names))
    return math.prod(map(len, (rule.groups, rule.resources, rule.verbs))) * names + len(rule.urls) * len(rule.verbs)


def breakdown(rule: Rule) -> Iterator[Rule]:
    """The rule as rules of one verb and one resource (of one name) or path each."""
    names: list[tuple[str, ...]] = [(name,) for name in rule.names] or [()]
    for group, resource, verb, name in itertools.product(rule.groups, rule.resources, rule.verbs, names):
        yield Rule((verb,), (group,), (resource,), name)
    for url, verb in itertools.product(rule.urls, rule.verbs):
        yield Rule((verb,), urls=(url,))


def compact(pieces: Iterable[Rule]) -> list[Rule]:
    """Rules that differ in their verb alone become one."""
    found: list[Rule] = []
    simple: dict[tuple[str, str], Rule] = {}
    for piece in pieces:
        if piece.names or piece.urls:
            found.append(piece)
            continue
        place = (piece.groups[0], piece.resources[0])
        known = simple.get(place)
        simple[place] = piece if known is None else replace(known, verbs=(*known.verbs, *piece.verbs))
    return [*found, *simple.values()]
