"""What a user asks about: everything in a namespace or in all of them, or workloads by their names. [pure]"""

from collections.abc import Iterable
from dataclasses import dataclass

from pullscope.base.errors import UsageError
from pullscope.kube.resources import Resource
from pullscope.why.collect import kinds


@dataclass(frozen=True)
class Named:
    """One workload, or one pod."""

    kind: Resource
    name: str


@dataclass(frozen=True)
class Scope:
    """`namespace` None means all of them. Without `names` it is all pods there, those with `labels` (selector syntax)."""

    namespace: str | None
    names: tuple[Named, ...] = ()
    labels: str = ""


def names(texts: Iterable[str]) -> tuple[Named, ...]:
    """The workloads that `KIND/NAME` texts name. Raises UsageError."""
    return tuple(map(_named, texts))


def _named(text: str) -> Named:
    word, slash, name = text.partition("/")
    if not slash or not name or "/" in name:
        raise UsageError(
            f"{text!r} is not KIND/NAME", hint="for instance deploy/app, pod/app-7d9f, sts/db, cronjob/sync"
        )
    kind = kinds.named(word)
    if kind is None:
        known = ", ".join(each.singular for each in kinds.BY_KIND.values())
        raise UsageError(f"{word!r} is no kind that has pods", hint=f"the kinds are {known}")
    return Named(kind, name)
