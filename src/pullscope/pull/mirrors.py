"""Mirrors: where an image is looked for before the registry that its name says.

Upstream: containers-registries.conf(5) of containers/image v5.36 (prefix matching; mirrors in order, then the source), and
OpenShift's ImageDigestMirrorSet and ImageTagMirrorSet, which OpenShift writes into that file on each node.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from pullscope.oci import reference
from pullscope.oci.reference import InvalidReferenceError, Reference


class InvalidMirrorError(ValueError):
    """The text is no rule; the message says so."""


@dataclass(frozen=True)
class Mirror:
    """References whose name begins with `source` are looked for at `target` first.

    Both are `registry[/path]`. `pulls`: whether that holds for all references, those with a digest, or those with a tag.
    """

    source: str
    target: str
    pulls: Literal["all", "digest-only", "tag-only"] = "all"

    def moved(self, name: Reference) -> Reference | None:
        """Where `name` is looked for; None when the rule does not speak of it."""
        rest = name.name.removeprefix(self.source)
        if not name.name.startswith(self.source) or rest[:1] not in ("", "/"):
            return None
        if self.pulls != "all" and (self.pulls == "digest-only") != (name.digest is not None):
            return None
        registry, _, repository = (self.target + rest).partition("/")
        return Reference(registry, repository, name.tag, name.digest)


def parse(rule: str) -> Mirror:
    """The rule `SOURCE=TARGET`; each side is `registry[/path]`. Raises InvalidMirrorError."""
    source, _, target = (side.rstrip("/") for side in rule.partition("="))
    if not (_is_place(source) and _is_place(target)):
        raise InvalidMirrorError(f"{rule!r} is no mirror")
    return Mirror(source, target)


def _is_place(text: str) -> bool:
    """Whether images can be below it."""
    try:
        name = reference.parse(f"{text}/x")
    except InvalidReferenceError:
        return False
    return name.name == f"{text}/x"


def places(name: Reference, rules: Sequence[Mirror]) -> list[Reference]:
    """Where `name` is looked for before its own registry: at the mirrors of the most specific source, in their order."""
    speaking = [(rule, moved) for rule in rules if (moved := rule.moved(name)) is not None]
    longest = max((len(rule.source) for rule, _ in speaking), default=0)
    return [moved for rule, moved in speaking if len(rule.source) == longest]
