"""Mirrors: where an image is looked for before the registry that its name says.

Upstream: containers-registries.conf(5) of containers/image v5.36 (prefix matching; mirrors in order, then the source).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from pullscope.oci import reference
from pullscope.oci.reference import InvalidReferenceError, Reference

_ANY_HOST = "*."


class InvalidMirrorError(ValueError):
    """The text is no rule; the message says so."""


@dataclass(frozen=True)
class Mirror:
    """References whose name begins with `source` are looked for at `target` first.

    Both are `registry[/path]`; a source may also be `*.domain`. `pulls`: whether that holds for all references, those with
    a digest, or those with a tag.
    """

    source: str
    target: str
    pulls: Literal["all", "digest-only", "tag-only"] = "all"

    def moved(self, name: Reference) -> Reference | None:
        """Where `name` is looked for; None when the rule does not speak of it."""
        rest = _below(name, self.source)
        if rest is None or (self.pulls != "all" and (self.pulls == "digest-only") != (name.digest is not None)):
            return None
        registry, _, repository = (self.target + rest).partition("/")
        try:
            return Reference(registry, repository, name.tag, name.digest)
        except InvalidReferenceError:  # too long, or nothing after the host
            return None


def _below(name: Reference, source: str) -> str | None:
    """What of the name comes after `source`, None when it does not begin with that."""
    if source.startswith(_ANY_HOST):
        host, _, _ = name.registry.partition(":")
        return name.name[len(name.registry) :] if host.endswith(source[1:]) else None
    rest = name.name.removeprefix(source)
    return rest if name.name.startswith(source) and rest[:1] in ("", "/") else None


@dataclass(frozen=True)
class Rules:
    """All that is said of where images are. Registries and paths in `blocked` are not asked, their mirrors are."""

    mirrors: tuple[Mirror, ...] = ()
    blocked: frozenset[str] = frozenset()

    def places(self, name: Reference) -> list[Reference]:
        """Where `name` is looked for before its own registry: at the mirrors of the most specific source, in their order."""
        source = self._source(name)
        own = (rule.moved(name) for rule in self.mirrors if rule.source == source)
        return [moved for moved in own if moved is not None]

    def blocker(self, name: Reference) -> str:
        """The most specific source of `name`, when that one is blocked; else empty."""
        source = self._source(name)
        return source if source in self.blocked else ""

    def _source(self, name: Reference) -> str:
        sources: Iterable[str] = (*(rule.source for rule in self.mirrors), *self.blocked)
        return max((source for source in sources if _below(name, source) is not None), key=len, default="")


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
