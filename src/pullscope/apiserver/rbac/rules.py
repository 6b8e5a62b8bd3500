"""A PolicyRule as a value, and what it allows.

Upstream: kubernetes v1.36 pkg/apis/rbac/v1/evaluation_helpers.go.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from pullscope.kube import causes
from pullscope.kube.api import Object

ALL = "*"


@dataclass(frozen=True, slots=True)
class Rule:
    """Verbs on resources (of some names; none: of any name) or on paths that are no resources."""

    verbs: tuple[str, ...]
    groups: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    urls: tuple[str, ...] = ()

    def __str__(self) -> str:
        """As upstream's error messages print it (CompactString)."""
        named = {
            "APIGroups": self.groups,
            "Resources": self.resources,
            "NonResourceURLs": self.urls,
            "ResourceNames": self.names,
            "Verbs": self.verbs,
        }
        return "{" + ", ".join(f"{name}:{quoted(texts)}" for name, texts in named.items() if texts) + "}"


@dataclass(frozen=True, slots=True)
class OnResource:
    """A verb on a resource. `resource` may have a part (`pods/log`), `everywhere` is it as `*/log`."""

    verb: str
    group: str
    resource: str
    everywhere: str
    name: str

    def allowed_by(self, rule: Rule) -> bool:
        groups, resources, verbs = rule.groups, rule.resources, rule.verbs
        return (
            (self.group in groups or ALL in groups)
            and (self.resource in resources or ALL in resources or self.everywhere in resources)
            and (self.verb in verbs or ALL in verbs)
            and (not rule.names or self.name in rule.names)
        )


@dataclass(frozen=True, slots=True)
class OnPath:
    """A verb on a path that is no resource's."""

    verb: str
    path: str

    def allowed_by(self, rule: Rule) -> bool:
        verbs = rule.verbs
        return (self.verb in verbs or ALL in verbs) and any(url_covers(url, self.path) for url in rule.urls)


def on_resource(verb: str, group: str, plural: str, part: str, name: str) -> OnResource:
    """The verb on a resource or, where it is not empty, a part of it; `name` may be empty."""
    return OnResource(verb, group, f"{plural}/{part}" if part else plural, f"*/{part}" if part else ALL, name)


def url_covers(pattern: str, path: str) -> bool:
    """Whether a rule's path is about `path`. A `*` at its end stands for anything."""
    return pattern in (ALL, path) or (pattern.endswith(ALL) and path.startswith(pattern.rstrip(ALL)))


def of(obj: Object) -> Rule:
    """A PolicyRule of a role."""
    fields = ("verbs", "apiGroups", "resources", "resourceNames", "nonResourceURLs")
    return Rule(*(tuple(obj.get(field) or ()) for field in fields))


def quoted(texts: Sequence[str]) -> str:
    """As Go's %q prints a list: `["a" "b"]`."""
    return f"[{' '.join(causes.quote(text) for text in texts)}]"
