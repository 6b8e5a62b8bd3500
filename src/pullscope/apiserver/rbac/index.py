"""All roles and bindings in memory: what each user and group was granted, where, and the rules of each role.

Kept current by the store itself, so that a binding counts from the moment its write is acknowledged. A question costs what
the asker was granted, not what there is. Upstream: kubernetes v1.36 pkg/registry/rbac/validation/rule.go.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from pullscope.apiserver.rbac import rules
from pullscope.apiserver.rbac.rules import Rule
from pullscope.apiserver.store.records import Event, Key, Stored
from pullscope.apiserver.store.store import Store
from pullscope.kube import accounts, resources
from pullscope.kube.api import Object, UserInfo

_ROLES = (resources.ROLES, resources.CLUSTER_ROLES)
_BINDINGS = (resources.ROLE_BINDINGS, resources.CLUSTER_ROLE_BINDINGS)
_ROLE_NAMES = frozenset(resource.qualified for resource in _ROLES)
KINDS = _ROLE_NAMES | frozenset(resource.qualified for resource in _BINDINGS)
"""What decides who may do what, by the names that keys have."""
# A user's name or a group's, whoever a binding names.
_Subject = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Grant:
    """One subject of one binding. `binding` and `role` are their keys in the store, `source` is how reasons name it."""

    binding: Key
    role: Key
    source: str


class Index:
    """Grants by namespace (empty: everywhere) and subject, as they are, or as they were at the revision `as_of`."""

    def __init__(self, store: Store, *, as_of: int | None = None) -> None:
        self._roles: dict[Key, tuple[Rule, ...]] = {}
        self._grants: defaultdict[str, defaultdict[_Subject, dict[Key, Grant]]]
        self._grants = defaultdict(lambda: defaultdict(dict))
        self._subjects: dict[Key, list[_Subject]] = {}
        for resource in (*_ROLES, *_BINDINGS):
            for stored in store.list(resource, revision=as_of).items:
                self._put(stored)
        if as_of is None:
            store.observe(self._follow)

    def grants(self, user: UserInfo, namespace: str | None) -> Iterator[Grant]:
        """What the user was granted everywhere and in the namespace; a binding may come twice."""
        subjects = [("User", user.username), *(("Group", group) for group in user.groups)]
        for where in ("", namespace) if namespace else ("",):
            granted = self._grants.get(where)
            if granted is not None:
                for subject in subjects:
                    yield from granted.get(subject, {}).values()

    def rules(self, role: Key) -> tuple[Rule, ...] | None:
        """The rules of a role, None when there is no such role."""
        return self._roles.get(role)

    # ------------------------------------------------------------------ keeping current

    def _follow(self, event: Event) -> None:
        key = event.key
        if key.resource in KINDS:
            self._drop(key)
            if event.type != "DELETED":
                self._put(event.current)

    def _drop(self, key: Key) -> None:
        self._roles.pop(key, None)
        for subject in self._subjects.pop(key, ()):
            granted = self._grants[key.namespace]
            granted[subject].pop(key, None)
            if not granted[subject]:
                del granted[subject]
        if key.namespace in self._grants and not self._grants[key.namespace]:
            del self._grants[key.namespace]

    def _put(self, stored: Stored) -> None:
        obj, key = stored.object(), stored.key
        if key.resource in _ROLE_NAMES:
            self._roles[key] = tuple(rules.of(rule) for rule in obj.get("rules") or ())
            return
        role = role_key(obj["roleRef"], key.namespace)
        found: dict[_Subject, Grant] = {}
        for subject in obj.get("subjects") or ():
            if (named := _subject(subject, key.namespace)) is not None:
                found.setdefault(named, Grant(key, role, _source(obj, subject)))
        self._subjects[key] = list(found)
        for named, grant in found.items():
            self._grants[key.namespace][named][key] = grant


def role_key(reference: Object, namespace: str) -> Key:
    """Where the role is kept that a binding in `namespace` (empty: a cluster role binding) refers to."""
    if reference["kind"] == resources.ROLES.kind:
        return Key(resources.ROLES.qualified, namespace, reference["name"])
    return Key(resources.CLUSTER_ROLES.qualified, "", reference["name"])


def _subject(subject: Object, namespace: str) -> _Subject | None:
    """Whom a binding names. A service account is the user it acts as; in a role binding its namespace may be left out."""
    if subject["kind"] in ("User", "Group"):
        return subject["kind"], subject["name"]
    where = subject.get("namespace") or namespace
    return ("User", accounts.username(where, subject["name"])) if where else None


def _source(binding: Object, subject: Object) -> str:
    """The binding as upstream describes it: name before namespace."""
    metadata, reference = binding["metadata"], binding["roleRef"]
    namespace = metadata.get("namespace", "")
    name = f"{metadata['name']}/{namespace}" if namespace else metadata["name"]
    role = f'{binding["kind"]} "{name}" of {reference["kind"]} "{reference["name"]}"'
    who: str = subject["name"]
    if subject["kind"] == "ServiceAccount":
        who = f"{who}/{subject.get('namespace') or namespace}"
    return f'{role} to {subject["kind"]} "{who}"'
