"""Cluster roles that gather rules, and the bindings that every namespace has."""

from tests.controllers.world import NS, World

from pullscope.controllers import clusterroles, rolebindings
from pullscope.kube import resources
from pullscope.kube.api import Object

GATHERING = {"clusterRoleSelectors": [{"matchLabels": {"to": "all"}}, {"matchLabels": {"to": "some"}}]}


def rule(plural: str) -> Object:
    return {"verbs": ["get"], "apiGroups": [""], "resources": [plural]}


def role(name: str, *plurals: str, to: str = "", **more: object) -> Object:
    labels = {"labels": {"to": to}} if to else {}
    return {"metadata": {"name": name, **labels}, "rules": [rule(plural) for plural in plurals], **more}


def test_rules_are_gathered_by_name_each_once() -> None:
    gathering = role("gathering", "old", to="all", aggregationRule=GATHERING)
    others = [
        role("b", "pods", "nodes", to="all"),
        role("a", "nodes", to="all"),
        role("c", "events", to="some"),
        role("d", "x"),
    ]
    assert clusterroles.plan(gathering, [gathering, *others]) == [rule(each) for each in ("nodes", "pods", "events")]
    assert clusterroles.plan(role("plain", "pods"), others) is None
    done = {**gathering, "rules": [rule(each) for each in ("nodes", "pods", "events")]}
    assert clusterroles.plan(done, [done, *others]) is None


async def rules_of(world: World, name: str) -> list[Object]:
    return (await world.api.get(resources.CLUSTER_ROLES, None, name)).get("rules") or []


async def test_a_role_follows_those_that_it_gathers(world: World) -> None:
    await world.make(resources.CLUSTER_ROLES, role("first", aggregationRule=GATHERING, to="some"), None)
    second = {"clusterRoleSelectors": [{"matchLabels": {"to": "some"}}]}
    await world.make(resources.CLUSTER_ROLES, role("second", aggregationRule=second), None)
    await world.make(resources.CLUSTER_ROLES, role("leaf", "pods", to="all"), None)

    async def both_have(rules: list[Object]) -> bool:
        return [await rules_of(world, name) for name in ("first", "second")] == [rules, rules]

    await world.until(resources.CLUSTER_ROLES, lambda: both_have([rule("pods")]))
    await world.api.delete(resources.CLUSTER_ROLES, None, "leaf")
    await world.until(resources.CLUSTER_ROLES, lambda: both_have([]))


def test_what_a_namespace_lacks() -> None:
    namespace: Object = {"metadata": {"name": "demo"}, "status": {"phase": "Active"}}
    made = {binding["metadata"]["name"]: binding for binding in rolebindings.plan(namespace, ())}
    assert {name: (each["roleRef"]["name"], each["subjects"][0]["name"]) for name, each in made.items()} == {
        "system:image-pullers": ("system:image-puller", "system:serviceaccounts:demo"),
        "system:image-builders": ("system:image-builder", "builder"),
        "system:deployers": ("system:deployer", "deployer"),
    }
    assert rolebindings.plan(namespace, made) == []
    assert rolebindings.plan({**namespace, "status": {"phase": "Terminating"}}, ()) == []


async def test_they_are_made_again_and_may_be_emptied(world: World) -> None:
    async def present() -> bool:
        return len(await world.items(resources.ROLE_BINDINGS)) == 3

    await world.until(resources.ROLE_BINDINGS, present)
    name = "system:image-pullers"
    await world.api.patch(resources.ROLE_BINDINGS, NS, name, {"subjects": []})
    await world.api.delete(resources.ROLE_BINDINGS, NS, "system:deployers")
    await world.until(resources.ROLE_BINDINGS, present)
    assert not (await world.api.get(resources.ROLE_BINDINGS, NS, name)).get("subjects")
