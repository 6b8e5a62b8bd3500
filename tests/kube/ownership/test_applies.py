"""Server-side apply: what is merged, who has it then, what goes, and what is refused."""

import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.kube.ownership.support import THING, texts, thing

from pullscope.kube.ownership import applies, clientside, compare, sets, typed, updates
from pullscope.kube.ownership.applies import Applied, Configuration
from pullscope.kube.ownership.entries import ANCIENT, APPLY, UPDATE, UPDATERS_MAX, Entry, Manager, Managers
from pullscope.kube.status import ApiError

Object = dict[str, Any]
KUBECTL, CI, EDITOR = Manager("kubectl", APPLY), Manager("ci", APPLY), Manager("editor", UPDATE)
OTHER = Manager("other", APPLY)
NEW = Applied({}, {})


def applied(before: Applied, config: Object, by: Manager = CI, *, force: bool = False, now: str = "1") -> Applied:
    return applies.apply(before.obj, before.managers, Configuration(config, THING, by, now, force=force))


def edited(before: Applied, obj: Object, by: Manager = EDITOR, now: str = "1") -> Applied:
    difference = compare.compare(before.obj, obj, THING)
    return Applied(obj, updates.updated(before.managers, difference, by, now))


def has(state: Applied, manager: Manager) -> list[str]:
    entry = state.managers.get(manager)
    return [] if entry is None else texts(entry.fields)


def test_a_field_no_longer_applied_goes() -> None:
    state = applied(NEW, thing(replicas=1, labels={"a": "1", "b": "1"}))
    state = applied(state, thing(labels={"a": "1"}))
    assert state.obj == thing(labels={"a": "1"})
    assert has(state, CI) == [".spec.labels.a"]


def test_it_stays_when_another_has_it() -> None:
    state = applied(NEW, thing(replicas=1, labels={"a": "1"}))
    state = applied(state, thing(replicas=1), KUBECTL)
    state = applied(state, thing(labels={"a": "1"}))
    assert state.obj == thing(replicas=1, labels={"a": "1"})
    assert has(state, KUBECTL) == [".spec.replicas"]


def test_what_nobody_has_stays_beside_what_is_applied() -> None:
    state = applied(NEW, thing(labels={"a": "1", "b": "1"}, parts=[{"name": "x", "image": "1"}]))
    defaulted = thing(
        labels={"a": "1", "b": "1", "default": "1"}, parts=[{"name": "x", "image": "1", "limits": {"c": "1"}}]
    )
    state = applied(Applied(defaulted, state.managers), thing(labels={"a": "1"}, parts=[{"name": "x"}]))
    assert state.obj == thing(labels={"a": "1", "default": "1"}, parts=[{"name": "x", "limits": {"c": "1"}}])


def test_it_goes_with_the_element_it_lies_in() -> None:
    state = applied(NEW, thing(replicas=1, parts=[{"name": "x"}, {"name": "y"}]))
    defaulted = thing(replicas=1, parts=[{"name": "x", "image": "d"}, {"name": "y", "image": "d"}])
    state = applied(Applied(defaulted, state.managers), thing(replicas=1, parts=[{"name": "y"}]))
    assert state.obj == thing(replicas=1, parts=[{"name": "y", "image": "d"}])


def test_a_conflict_is_refused_field_by_field() -> None:
    state = edited(NEW, thing(replicas=1, labels={"a": "1"}, parts=[{"name": "x", "image": "1"}]))
    with pytest.raises(ApiError) as caught:
        applied(state, thing(replicas=2, labels={"a": "1"}, parts=[{"name": "x", "image": "2"}]))
    assert caught.value.message == (
        'Apply failed with 2 conflicts: conflicts with "editor" using demo/v1:\n'
        '- .spec.replicas\n- .spec.parts[name="x"].image'
    )
    causes = (caught.value.details or {})["causes"]
    assert causes[0] == {
        "reason": "FieldManagerConflict",
        "message": 'conflict with "editor" using demo/v1',
        "field": ".spec.replicas",
    }


def test_conflicts_with_several_managers() -> None:
    state = edited(NEW, thing(replicas=1), Manager("scaler", UPDATE, "scale"))
    state = applied(state, thing(labels={"a": "1"}), KUBECTL)
    with pytest.raises(ApiError, match="Apply failed with 2 conflicts") as caught:
        applied(state, thing(replicas=2, labels={"a": "2"}))
    assert caught.value.message.partition(": ")[2].splitlines() == [
        'conflicts with "kubectl":',
        "- .spec.labels.a",
        'conflicts with "scaler" with subresource "scale" using demo/v1:',
        "- .spec.replicas",
    ]


def test_force_takes_over() -> None:
    state = edited(NEW, thing(replicas=1, args=["a"]))
    state = applied(state, thing(replicas=2), force=True)
    assert state.obj == thing(replicas=2, args=["a"])
    assert (has(state, CI), has(state, EDITOR)) == ([".spec.replicas"], [".spec.args"])


def test_the_same_value_is_shared() -> None:
    state = applied(edited(NEW, thing(replicas=1)), thing(replicas=1))
    assert (has(state, CI), has(state, EDITOR)) == ([".spec.replicas"], [".spec.replicas"])


def test_an_edit_takes_what_it_changes_and_leaves_the_rest() -> None:
    state = edited(applied(NEW, thing(replicas=1, args=["a"])), thing(replicas=2, args=["a"]), now="2")
    assert (has(state, CI), has(state, EDITOR)) == ([".spec.args"], [".spec.replicas"])
    assert (state.managers[CI].time, state.managers[EDITOR].time) == ("1", "2")
    state = edited(state, thing(args=["a"]), now="3")
    assert EDITOR not in state.managers, "who has nothing left is no manager"


def test_objects_from_before_the_first_apply() -> None:
    state = applied(Applied(thing(replicas=1, args=["a"]), {}), thing(args=["a"]))
    assert has(state, applies.BEFORE) == [".spec.args", ".spec.replicas"]
    with pytest.raises(ApiError, match=r'conflict with "before-first-apply" using demo/v1: \.spec\.replicas'):
        applied(state, thing(args=["a"], replicas=2))


def test_ignored_fields_are_neither_set_nor_managed() -> None:
    asked = Configuration(thing(replicas=1, args=["a"]), THING, CI, "1", ignored={"f:spec": {"f:args": {}}})
    state = applies.apply({}, {}, asked)
    assert state.obj == thing(replicas=1)
    assert has(state, CI) == [".spec.replicas"]


def test_identity_is_managed_by_nobody() -> None:
    fields = updates.of_object(
        {**thing(replicas=1), "metadata": {"name": "x", "uid": "1", "labels": {"a": "1"}}}, THING
    )
    assert ".kind" not in texts(fields)
    assert updates.STRIPPED["f:metadata"].keys() >= {"f:name", "f:uid", "f:resourceVersion", "."}


def test_applying_nothing_gives_all_back() -> None:
    state = applied(NEW, thing(replicas=1, labels={"a": "1"}))
    state = applied(state, {"kind": "Thing", "apiVersion": "demo/v1"})
    assert state.managers == {}
    assert state.obj == {"kind": "Thing", "apiVersion": "demo/v1"}


# From client-side to server-side


def _annotated(**spec: Any) -> Object:
    text = clientside._text({**thing(**spec), "metadata": {"annotations": {}}})
    return {**thing(**spec), "metadata": {"annotations": {clientside.ANNOTATION: text}}}


def test_kubectl_may_change_what_it_applied_client_side() -> None:
    state = edited(NEW, _annotated(replicas=1), Manager("kubectl-client-side-apply", UPDATE))
    with pytest.raises(ApiError):
        applied(state, thing(replicas=2), CI)
    state = applied(state, thing(replicas=2), KUBECTL)
    assert state.obj["spec"] == {"replicas": 2}
    assert state.obj["metadata"]["annotations"][clientside.ANNOTATION] == (
        '{"apiVersion":"demo/v1","kind":"Thing","metadata":{},"spec":{"replicas":2}}\n'
    )


def test_but_not_what_was_changed_since() -> None:
    state = edited(NEW, _annotated(replicas=1), Manager("kubectl-client-side-apply", UPDATE))
    state = edited(state, {**state.obj, "spec": {"replicas": 5}})
    with pytest.raises(ApiError, match=r'1 conflict: conflict with "editor" using demo/v1: \.spec\.replicas'):
        applied(state, thing(replicas=2), KUBECTL)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"apiVersion":"demo/v2"}', '{"apiVersion":"demo/v1","other":1}'])
def test_an_annotation_that_says_nothing(text: str) -> None:
    obj = {**thing(replicas=1), "metadata": {"annotations": {clientside.ANNOTATION: text}}}
    assert clientside.allowed(obj, THING) == {}


def test_an_annotation_that_is_too_long_goes() -> None:
    obj = {**thing(), "metadata": {"annotations": {clientside.ANNOTATION: "{}"}}}
    kept = clientside.kept_in_step(obj, thing(args=["x" * 300_000]))
    assert kept["metadata"]["annotations"] == {}


# Many managers


def test_the_oldest_updates_become_one() -> None:
    state = NEW
    for number in range(UPDATERS_MAX + 3):
        spec = {**state.obj.get("spec", {}).get("labels", {}), f"l{number}": "1"}
        state = edited(state, thing(labels=spec), Manager(f"m{number}", UPDATE), now=f"{number:02}")
    ancient = Manager(ANCIENT, UPDATE)
    assert len(state.managers) == UPDATERS_MAX
    assert has(state, ancient) == [
        ".spec.labels",
        ".spec.labels.l0",
        ".spec.labels.l1",
        ".spec.labels.l2",
        ".spec.labels.l3",
    ]


# Properties

_names = st.sampled_from(["a", "b", "c"])
_texts = st.sampled_from(["1", "2"])
_parts = st.lists(_names, unique=True, max_size=3).flatmap(
    lambda names: st.tuples(
        *(st.fixed_dictionaries({"name": st.just(name)}, optional={"image": _texts}) for name in names)
    )
)
_specs = st.fixed_dictionaries(
    {},
    optional={
        "replicas": st.integers(1, 2),
        "selector": st.fixed_dictionaries({}, optional={"app": _texts}),
        "rolling": st.fixed_dictionaries({"surge": st.integers(0, 1)}, optional={"count": st.integers(0, 1)}),
        "labels": st.dictionaries(_names, _texts, min_size=1),
        "marks": st.lists(_names, unique=True, min_size=1),
        "args": st.lists(_names, min_size=1),
        "parts": _parts.map(list),
    },
)
_things = _specs.filter(lambda spec: any(spec.values())).map(lambda spec: thing(**spec))


@st.composite
def _states(draw: st.DrawFn) -> Applied:
    """An object with a history of edits and applies."""
    state = NEW
    for _ in range(draw(st.integers(0, 3))):
        config = draw(_things)
        if draw(st.booleans()):
            state = applied(state, config, draw(st.sampled_from([KUBECTL, CI])), force=True)
        else:
            state = edited(state, config)
    return state


def _check_managers(managers: Managers, obj: Object) -> None:
    """Everybody has something, in our form, and all of it is there."""
    there = typed.with_named(typed.field_set(obj, THING), THING)
    for entry in managers.values():
        assert entry.fields
        assert sets.normal(entry.fields) == entry.fields
        assert sets.difference(entry.fields, there) == {}


@given(_states(), _things)
def test_to_apply_twice_is_to_apply_once(state: Applied, config: Object) -> None:
    once = applied(state, config, force=True, now="2")
    twice = applied(once, config, now="3")
    assert twice == once
    _check_managers(once.managers, once.obj)


@given(_states(), _things)
def test_what_was_applied_is_there_and_is_the_applier_s(state: Applied, config: Object) -> None:
    after = applied(state, config, force=True)
    fields = sets.difference(typed.field_set(config, THING), updates.STRIPPED)
    assert after.managers.get(CI, Entry({})).fields == fields
    assert applied(after, config, OTHER).obj == after.obj, "to say what is there is no conflict"


@given(_things, _things)
def test_what_only_one_applied_goes_with_it(mine: Object, theirs: Object) -> None:
    alone = applied(NEW, theirs, KUBECTL)
    both = applied(alone, mine, force=True)
    back = applied(applied(both, theirs, KUBECTL, force=True), thing())
    assert typed.field_set(back.obj, THING) == typed.field_set(alone.obj, THING)


@given(_states(), _things)
def test_without_conflict_nobody_loses_what_did_not_change(state: Applied, config: Object) -> None:
    with contextlib.suppress(ApiError):  # a conflict
        after = applied(state, config)
        _check_losses(state, after)


def _check_losses(state: Applied, after: Applied) -> None:
    for manager, entry in state.managers.items():
        if manager != CI:
            lost = sets.difference(entry.fields, after.managers.get(manager, Entry({})).fields)
            removed = compare.compare(state.obj, after.obj, THING).removed
            assert sets.difference(lost, removed) == {}


@given(_states(), _things)
def test_an_edit_leaves_no_field_to_two_that_wrote_it_differently(state: Applied, obj: Object) -> None:
    after = edited(state, obj)
    changed = compare.compare(state.obj, obj, THING).changed
    for manager, entry in after.managers.items():
        if manager != EDITOR:
            assert sets.intersection(entry.fields, changed) == {}
    _check_managers(after.managers, obj)
