"""Field selectors: `metadata.name=web,status.phase!=Running`.

A resource supports few fields and says which; any other is a 400 BadRequest in upstream's words. Upstream:
k8s.io/apimachinery v0.36 pkg/fields/selector.go, and for unsupported fields pkg/runtime/conversion.go (resources that
add none to the two of all) and kubernetes pkg/apis/core/v1/conversion.go (resources that do).
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pullscope.kube import causes, status

COMMON = ("metadata.name", "metadata.namespace")


@dataclass(frozen=True)
class Term:
    """One condition: the field's text is (or with `negated`: is not) `value`. An absent field is the empty text."""

    field: str
    value: str
    negated: bool = False

    def __str__(self) -> str:
        return f"{self.field}{'!=' if self.negated else '='}{self.value}"


@dataclass(frozen=True)
class FieldSelector:
    """All terms together; without any it selects everything."""

    terms: tuple[Term, ...] = ()

    def matches(self, values: Mapping[str, str]) -> bool:
        """Whether an object whose fields have these texts (see `of`) is selected."""
        return all((values.get(term.field, "") == term.value) != term.negated for term in self.terms)

    def exact(self, field: str) -> str | None:
        """The one value that `field` must have, so that an index can be asked; None when any value may do."""
        return next((term.value for term in self.terms if term.field == field and not term.negated), None)

    @property
    def everything(self) -> bool:
        return not self.terms

    def __str__(self) -> str:
        return ",".join(str(term) for term in self.terms)


def parse(text: str, supported: Collection[str] = COMMON) -> FieldSelector:
    """Read a selector over the `supported` fields (dotted paths). Raises ApiError 400 with upstream's sentence."""
    terms = tuple(_term(part, text) for part in sorted(text.split(",")) if part)
    for term in terms:
        if term.field not in supported:
            raise status.bad_request(_unsupported(term.field, supported))
    return FieldSelector(terms)


def _term(part: str, text: str) -> Term:
    for sign in ("!=", "==", "="):
        pieces = part.split(sign)
        if len(pieces) == 2:
            return Term(pieces[0], pieces[1], negated=sign == "!=")
    raise status.bad_request(f"invalid selector: '{text}'; can't understand '{part}'")


def _unsupported(field: str, supported: Collection[str]) -> str:
    if set(supported) <= set(COMMON):
        only = ", ".join(causes.quote(name) for name in COMMON)
        return f"{causes.quote(field)} is not a known field selector: only {only}"
    return f"field label not supported: {field}"


def of(obj: Mapping[str, Any], paths: Iterable[str]) -> dict[str, str]:
    """The texts of an object's fields at dotted paths: absent is empty, booleans are `true` and `false`."""
    return {path: _text(_at(obj, path)) for path in paths}


def _at(obj: Any, path: str) -> Any:
    for key in path.split("."):
        obj = obj.get(key) if isinstance(obj, Mapping) else None
    return obj


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)
