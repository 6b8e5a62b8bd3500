"""An imagePullPolicy that nobody will read: misspelt, or at a place where there is none. [pure]

The API server drops a field that it does not know. kubectl has it refused instead (`--validate`, strict by default since
1.27); controllers, Helm, GitOps tools and `--validate=false` do not.
"""

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pullscope.why.plan.manifests import Workload
from pullscope.why.plan.reading import Place

FIELD = "imagePullPolicy"
_LIKE = 0.85  # of difflib's ratio: one or two letters of fifteen
_OTHERS = frozenset({"imagePullSecrets"})
_LISTS = ("containers", "initContainers", "ephemeralContainers")
_MOST = 100_000  # values of one object that are looked at


@dataclass(frozen=True)
class Unread:
    """A key that means a policy and is none. `where` is its path, `container` the place of the container that it is in."""

    key: str
    value: str
    line: int
    where: str
    misspelt: bool
    container: Place | None = None


def unread(workload: Workload) -> list[Unread]:
    """All such keys of the object; of a kind that is not ours only those in its pod template."""
    inside = {place.identity: place for key in _LISTS for place in _items(workload.spec, key)}
    found = _below(workload.root if workload.ours else workload.spec, inside)
    return sorted(found, key=lambda each: each.line)


def _below(root: Place, inside: Mapping[int, Place]) -> Iterator[Unread]:
    """Walk, each shared value once."""
    waiting: list[tuple[Place, str, Place | None]] = [(root, "", None)]
    seen: set[int] = set()
    while waiting and len(seen) < _MOST:
        place, path, container = waiting.pop()
        if place.identity in seen:
            continue
        seen.add(place.identity)
        container = inside.get(place.identity, container)
        for key, value in place.entries:
            name = key.text or ""
            where = f"{path}.{name}" if path else name
            if _means_policy(name, beside_an_image=place.identity in inside):
                yield Unread(name, value.text or "", key.line, where, name != FIELD, container)
            waiting.append((value, where, container))
        waiting += [(item, f"{path}[{index}]", container) for index, item in enumerate(place.items)]


def _means_policy(key: str, *, beside_an_image: bool) -> bool:
    """Whether it is a policy's name at a place where it is not read, or nearly one at any place."""
    if key == FIELD:
        return not beside_an_image
    plain = key.casefold().replace("_", "").replace("-", "").strip()
    if plain in ("pullpolicy", "imagepull"):
        return beside_an_image  # elsewhere it may be an image volume's
    near = difflib.SequenceMatcher(None, plain, FIELD.casefold())
    return key not in _OTHERS and near.quick_ratio() >= _LIKE and near.ratio() >= _LIKE


def _items(spec: Place, key: str) -> tuple[Place, ...]:
    listed = spec.get(key)
    return listed.items if listed else ()
