"""What a kind says about itself: one `Kind` value in each file of `resources/`.

The generic code (storage, HTTP, discovery, tables) asks these values and knows no kind by name; a new kind is a new file
there. All functions are pure; an object given to `default`, `create` or `update` is altered in place. The order is
upstream's (k8s.io/apiserver v0.36 pkg/registry/rest/create.go and update.go): default, admit, reset what the asker may not
set, validate, store.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from pullscope.kube import fields, names
from pullscope.kube.api import Object
from pullscope.kube.resources import Resource
from pullscope.kube.status import Cause
from pullscope.kube.validation import NameRule

if TYPE_CHECKING:
    from pullscope.apiserver.handlers import Handler
    from pullscope.apiserver.services import Services


def _nothing(_: Object) -> None:
    """Nothing to fill in, nothing to reset."""


def _keep(_new: Object, _old: Object) -> None:
    """Nothing of the old object stays."""


def _fine(_: Object) -> Iterable[Cause]:
    return ()


def _fine_change(_new: Object, _old: Object) -> Iterable[Cause]:
    return ()


@dataclass(frozen=True)
class Table:
    """How a kind is printed. `cells` come in the order of `columns`; `conditions` mark the rows that are over.

    `order` is what a list's rows are sorted by; without it they come as they are stored.
    """

    columns: tuple[Object, ...]
    cells: Callable[[Object, datetime], list[Any]]
    conditions: Callable[[Object], list[Object]] = lambda _: []
    order: Callable[[Object], tuple[str | int, ...]] | None = None


@dataclass(frozen=True)
class Strategy:
    """What a writer may set. Upstream: rest.RESTCreateStrategy and rest.RESTUpdateStrategy.

    `create` resets a new object (status, generation); `update(new, old)` puts back into `new` what this way of writing may
    not change; the checks say what is wrong with the result.
    """

    create: Callable[[Object], None] = _nothing
    update: Callable[[Object, Object], None] = _keep
    validate: Callable[[Object], Iterable[Cause]] = _fine
    validate_update: Callable[[Object, Object], Iterable[Cause]] = _fine_change


@dataclass(frozen=True)
class Kind:
    """One kind as it is served.

    `selectable` are the dotted paths that field selectors may name. `handler` and `subresources` make what answers the
    verbs out of the server's services. `grace` says how many seconds an object lives on after a DELETE that asks for so
    many (None: for none in particular); a kind without it goes at once. `mark` notes in an object that it is going.
    `answers_with_object`: a DELETE is answered with the last state instead of a Status. `orphans`: what it owns stays after
    a DELETE that does not say otherwise. `deprecated` warns everyone who asks for it. `expired` says whether an object's time is over; kinds without it live until they
    are deleted. Of `kept`, where it is set, there are no more: those that were written longest ago go first.
    """

    resource: Resource
    table: Table
    handler: Callable[["Kind", "Services"], "Handler"]
    strategy: Strategy = Strategy()
    default: Callable[[Object], None] = _nothing
    name_rule: NameRule = names.dns1123_subdomain
    selectable: tuple[str, ...] = fields.COMMON
    subresources: Mapping[str, "Subresource"] = field(default_factory=dict)
    grace: Callable[[Object, int | None], int] | None = None
    mark: Callable[[Object], None] = _nothing
    answers_with_object: bool = False
    orphans: bool = False
    deprecated: str = ""
    expired: Callable[[Object, datetime], bool] | None = None
    kept: int | None = None

    @property
    def head(self) -> Object:
        """The two fields with which every object of the kind begins."""
        return {"kind": self.resource.kind, "apiVersion": self.resource.api_version}

    def complete(self, obj: Object) -> Object:
        """`obj` as an object of the kind, defaulted; it begins with `head` (lists cut that off)."""
        head = self.head
        whole = head | obj | head
        self.default(whole)
        return whole


@dataclass(frozen=True)
class Subresource:
    """A part of a kind with a handler of its own.

    `kind` is what its bodies are; `group` and `version` are theirs, empty where they are the kind's own.
    """

    handler: Callable[[Kind, "Services"], "Handler"]
    kind: str
    group: str = ""
    version: str = ""
