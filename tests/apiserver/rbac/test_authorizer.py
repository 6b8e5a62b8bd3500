"""Who may do what, against a model of its own: random roles, bindings and questions."""

import asyncio
import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pullscope.apiserver.authorization import Allowed, Attributes, NoOpinion
from pullscope.apiserver.rbac.authorizer import RbacAuthorizer
from pullscope.apiserver.rbac.index import Index
from pullscope.apiserver.store.records import key
from pullscope.apiserver.store.store import Store
from pullscope.kube import resources
from pullscope.kube.api import Object, UserInfo
from pullscope.kube.resources import Resource

VERBS, GROUPS, PLURALS, PARTS = ("get", "list", "create"), ("", "apps"), ("pods", "nodes"), ("", "log", "exec")
NAMES, PLACES, PATHS = ("", "a", "b"), ("red", "blue"), ("/version", "/api", "/api/v1", "/apiary")
ROLES = (("", "reader"), ("", "writer"), ("red", "reader"), ("blue", "writer"), ("", "missing"))
ANNA = UserInfo("anna", groups=("staff", "system:authenticated"))
ROBOT = UserInfo("system:serviceaccount:red:robot", groups=("system:serviceaccounts:red",))


def some(*values: str) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(values), max_size=2, unique=True)


RULES = st.one_of(
    st.fixed_dictionaries(
        {
            "verbs": some(*VERBS, "*"),
            "apiGroups": some(*GROUPS, "*"),
            "resources": some(*PLURALS, "pods/log", "*/exec", "*"),
            "resourceNames": some("a"),
        }
    ),
    st.fixed_dictionaries({"verbs": some(*VERBS, "*"), "nonResourceURLs": some("/api", "/api/*", "/version", "*")}),
)
SUBJECTS = st.sampled_from(
    [
        {"kind": "User", "name": "anna"},
        {"kind": "User", "name": "otto"},
        {"kind": "Group", "name": "staff"},
        {"kind": "ServiceAccount", "name": "robot", "namespace": "red"},
        {"kind": "ServiceAccount", "name": "robot"},
    ]
)
BINDINGS = st.tuples(st.sampled_from(("", *PLACES)), st.sampled_from(ROLES), st.lists(SUBJECTS, max_size=2))


def questions(user: UserInfo) -> list[Attributes]:
    """Everything that can be asked."""
    found = [Attributes(user, verb, path) for verb, path in itertools.product(VERBS, PATHS)]
    for verb, group, plural, part, name, place in itertools.product(
        VERBS, GROUPS, PLURALS, PARTS, NAMES, (None, *PLACES)
    ):
        found.append(Attributes(user, verb, "", Resource(group, "v1", plural, plural), part, place, name))
    return found


def model(asked: Attributes, roles: dict[tuple[str, str], list[Any]], bindings: list[Any]) -> bool:
    """The documentation of RBAC, word for word."""
    for where, (role_place, role), subjects in bindings:
        if where and where != asked.namespace:
            continue
        if not any(is_meant(asked.user, subject, where) for subject in subjects):
            continue
        if role_place in ("", where) and any(grants(rule, asked) for rule in roles.get((role_place, role), [])):
            return True
    return False


def is_meant(user: UserInfo, subject: Object, where: str) -> bool:
    if subject["kind"] == "ServiceAccount":
        place = subject.get("namespace", where)
        return bool(place) and user.username == f"system:serviceaccount:{place}:{subject['name']}"
    return subject["name"] == user.username if subject["kind"] == "User" else subject["name"] in user.groups


def grants(rule: Object, asked: Attributes) -> bool:
    if not {asked.verb, "*"} & set(rule["verbs"]):
        return False
    if asked.resource is None:
        urls = rule.get("nonResourceURLs", [])
        return asked.path in urls or any(url[-1] == "*" and asked.path.startswith(url[:-1]) for url in urls)
    if not {asked.resource.group, "*"} & set(rule.get("apiGroups", [])):
        return False
    wanted = {"*", asked.resource.plural}
    if asked.subresource:
        wanted = {"*", f"{asked.resource.plural}/{asked.subresource}", f"*/{asked.subresource}"}
    if not wanted & set(rule.get("resources", [])):
        return False
    return not rule.get("resourceNames") or asked.name in rule["resourceNames"]


async def store_of(roles: dict[tuple[str, str], list[Any]], bindings: list[Any]) -> Store:
    store = Store.open(None)
    for (place, name), rules in roles.items():
        resource = resources.ROLES if place else resources.CLUSTER_ROLES
        await store.create(key(resource, place, name), {"metadata": {"name": name}, "rules": rules})
    for number, (place, (role_place, role), subjects) in enumerate(bindings):
        resource = resources.ROLE_BINDINGS if place else resources.CLUSTER_ROLE_BINDINGS
        reference = {"kind": "Role" if role_place else "ClusterRole", "name": role}
        metadata = {"name": f"b{number}", **({"namespace": place} if place else {})}
        obj = {"kind": resource.kind, "metadata": metadata, "roleRef": reference, "subjects": subjects}
        await store.create(key(resource, place, f"b{number}"), obj)
    return store


def valid(bindings: list[Any]) -> list[Any]:
    """A binding refers to a cluster role, or to a role of its own namespace."""
    return [(place, role, subjects) for place, role, subjects in bindings if role[0] in ("", place)]


@given(
    rules=st.lists(st.lists(RULES, max_size=2), min_size=4, max_size=4),
    bindings=st.lists(BINDINGS, max_size=4).map(valid),
    late=st.booleans(),
)
def test_the_answers_are_those_of_the_model(rules: list[Any], bindings: list[Any], *, late: bool) -> None:
    """`late`: the index follows what is written, instead of reading what is there."""
    roles = dict(zip(ROLES[:4], rules, strict=True))

    async def scenario() -> None:
        store = await store_of(roles, bindings)
        if late:
            empty = Store.open(None)
            authorizer = RbacAuthorizer(Index(empty))
            for resource in (
                resources.ROLES,
                resources.CLUSTER_ROLES,
                resources.ROLE_BINDINGS,
                resources.CLUSTER_ROLE_BINDINGS,
            ):
                for stored in store.list(resource).items:
                    await empty.create(stored.key, stored.object())
        else:
            authorizer = RbacAuthorizer(Index(store))
        for asked in (*questions(ANNA), *questions(ROBOT)):
            decision = authorizer.authorize(asked)
            assert isinstance(decision, Allowed) == model(asked, roles, bindings), (asked, decision)

    asyncio.run(scenario())


def ask(user: str, *groups: str, namespace: str | None = None) -> Attributes:
    return Attributes(UserInfo(user, groups=groups), "get", "", resources.PODS, "", namespace, "web")


@pytest.mark.parametrize(
    ("place", "subject", "asked", "reason"),
    [
        (
            "",
            {"kind": "Group", "name": "staff"},
            ask("anna", "staff"),
            'RBAC: allowed by ClusterRoleBinding "b0" of ClusterRole "reader" to Group "staff"',
        ),
        (
            "red",
            {"kind": "User", "name": "anna"},
            ask("anna", namespace="red"),
            'RBAC: allowed by RoleBinding "b0/red" of ClusterRole "reader" to User "anna"',
        ),
        (
            "red",
            {"kind": "ServiceAccount", "name": "robot"},
            ask("system:serviceaccount:red:robot", namespace="red"),
            'RBAC: allowed by RoleBinding "b0/red" of ClusterRole "reader" to ServiceAccount "robot/red"',
        ),
    ],
    ids=["group", "user", "account"],
)
async def test_the_reason(place: str, subject: Object, asked: Attributes, reason: str) -> None:
    rule = {"verbs": ["get"], "apiGroups": [""], "resources": ["pods"]}
    store = await store_of({("", "reader"): [rule]}, [(place, ("", "reader"), [subject])])
    assert RbacAuthorizer(Index(store)).authorize(asked) == Allowed(reason)


async def test_a_role_that_is_missing_is_told() -> None:
    subject = {"kind": "User", "name": "anna"}
    store = await store_of({}, [("", ("", "nosuch"), [subject]), ("red", ("red", "gone"), [subject])])
    authorizer = RbacAuthorizer(Index(store))
    one, other = (
        'clusterrole.rbac.authorization.k8s.io "nosuch" not found',
        'role.rbac.authorization.k8s.io "gone" not found',
    )
    assert authorizer.authorize(ask("anna")) == NoOpinion(f"RBAC: {one}")
    assert authorizer.authorize(ask("anna", namespace="red")) == NoOpinion(f"RBAC: [{one}, {other}]")


async def test_what_is_taken_back_is_gone_at_once() -> None:
    rule = {"verbs": ["get"], "apiGroups": [""], "resources": ["pods"]}
    store = await store_of({("", "reader"): [rule]}, [("red", ("", "reader"), [{"kind": "User", "name": "anna"}])])
    authorizer = RbacAuthorizer(Index(store))
    asked = ask("anna", namespace="red")
    assert isinstance(authorizer.authorize(asked), Allowed)
    role = key(resources.CLUSTER_ROLES, None, "reader")
    await store.update(role, {"metadata": {"name": "reader"}, "rules": []})
    assert isinstance(authorizer.authorize(asked), NoOpinion)
    await store.update(role, {"metadata": {"name": "reader"}, "rules": [rule]})
    assert isinstance(authorizer.authorize(asked), Allowed)
    await store.delete(key(resources.ROLE_BINDINGS, "red", "b0"))
    assert isinstance(authorizer.authorize(asked), NoOpinion)


async def test_masters_may_everything_and_everyone_may_ask_for_health() -> None:
    authorizer = RbacAuthorizer(Index(Store.open(None)))
    assert authorizer.authorize(ask("x", "system:masters")) == Allowed()
    assert authorizer.authorize(Attributes(UserInfo("x"), "get", "/healthz")) == Allowed()
    assert authorizer.authorize(Attributes(UserInfo("x"), "get", "/healthz/etcd")) == NoOpinion()
    assert authorizer.authorize(Attributes(UserInfo("x"), "get", "/version")) == NoOpinion()
