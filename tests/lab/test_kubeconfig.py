"""A kubeconfig: what is the user's stays, what is the lab's comes and goes."""

import base64
from pathlib import Path
from typing import Any

import yaml
from hypothesis import given
from hypothesis import strategies as st

from pullscope.lab import kubeconfig

ACCESS = kubeconfig.Access("pullscope", "https://127.0.0.1:6443", b"PEM", "sha256~secret", "sha256~developer")
OTHER = kubeconfig.Access("pullscope-x", "https://127.0.0.1:7443", b"PEM", "sha256~other", "sha256~otherdeveloper")

names = st.text(min_size=1, max_size=5)  # too short for any of ours
scalars = st.text(max_size=8) | st.integers() | st.booleans() | st.none()
bodies = st.dictionaries(st.text(max_size=5), scalars | st.lists(scalars, max_size=2), max_size=2)


def entries(field: str) -> st.SearchStrategy[list[dict[str, Any]]]:
    entry = st.builds(lambda name, body: {"name": name, field: body}, names, bodies)
    return st.lists(entry, max_size=2)


configs = st.fixed_dictionaries(
    {"apiVersion": st.just("v1"), "kind": st.just("Config"), "clusters": entries("cluster")}
    | {"contexts": entries("context"), "users": entries("user"), "current-context": names | st.just("")},
    optional={"preferences": bodies, "extensions": st.lists(bodies, max_size=2)},
)


@given(configs)
def test_what_was_added_can_be_taken_away(config: dict[str, Any]) -> None:
    merged = kubeconfig.merge(config, ACCESS, make_current=False)
    assert kubeconfig.unmerge(merged, ACCESS.context) == config


@given(configs)
def test_the_users_entries_and_their_order_stay(config: dict[str, Any]) -> None:
    merged = kubeconfig.merge(config, ACCESS, make_current=not config["current-context"])
    assert list(merged) == list(config)
    for key in ("clusters", "contexts", "users"):
        assert merged[key][: len(config[key])] == config[key]
    assert merged["current-context"] == (config["current-context"] or ACCESS.context)


@given(configs)
def test_adding_twice_changes_nothing_more(config: dict[str, Any]) -> None:
    once = kubeconfig.merge(config, ACCESS, make_current=False)
    assert kubeconfig.merge(once, ACCESS, make_current=False) == once


@given(configs)
def test_what_is_written_reads_back_the_same(config: dict[str, Any]) -> None:
    read = kubeconfig.parse(kubeconfig.render(config), Path("config"))
    assert yaml.safe_load(kubeconfig.render(read)) == config


LOGIN = "127-0-0-1:6443"


def logged_in(access: kubeconfig.Access, **cluster: str) -> dict[str, Any]:
    """What `oc login` and `oc project` add for a lab."""
    context = {"cluster": LOGIN, "user": f"developer/{LOGIN}", "namespace": "demo"}
    return {
        "clusters": [{"name": LOGIN, "cluster": {"server": access.server, **cluster}}],
        "contexts": [
            {"name": f"demo/{LOGIN}/developer", "context": context},
            {"name": f"demo/{LOGIN}/kubeadmin", "context": {"cluster": access.context, "user": "kubeadmin/pullscope"}},
        ],
        "users": [{"name": f"developer/{LOGIN}", "user": {"token": "sha256~mine"}}],
        "current-context": f"demo/{LOGIN}/developer",
    }


def joined(first: dict[str, Any], second: dict[str, Any]) -> dict[str, Any]:
    lists = {key: [*first[key], *second[key]] for key in ("clusters", "contexts", "users")}
    return {**first, **second, **lists}


@given(configs)
def test_what_oc_login_wrote_goes_with_the_lab(config: dict[str, Any]) -> None:
    for cluster in ({}, {"certificate-authority-data": base64.b64encode(ACCESS.ca).decode()}):
        both = joined(config, logged_in(ACCESS, **cluster))
        assert kubeconfig.without_logins(both, ACCESS) == {**config, "current-context": ""}
    assert kubeconfig.without_logins(config, ACCESS) == config


def test_what_leads_elsewhere_stays() -> None:
    own = kubeconfig.document(ACCESS)
    assert kubeconfig.without_logins(own, ACCESS) == own
    other_ca = logged_in(ACCESS, **{"certificate-authority-data": "another"})
    kept = kubeconfig.without_logins(other_ca, ACCESS)
    assert (kept["clusters"], kept["users"]) == (other_ca["clusters"], other_ca["users"])
    assert kept["contexts"] == other_ca["contexts"][:1]
    assert kubeconfig.without_logins(logged_in(ACCESS), OTHER) == logged_in(ACCESS)
    shared = logged_in(ACCESS)
    elsewhere = {"name": "x", "context": {"cluster": "far", "user": f"developer/{LOGIN}"}}
    shared["contexts"].append(elsewhere)
    left = kubeconfig.without_logins(shared, ACCESS)
    assert (left["contexts"], left["users"]) == ([elsewhere], shared["users"])


def test_labs_do_not_touch_each_other() -> None:
    both = kubeconfig.merge(kubeconfig.document(ACCESS), OTHER, make_current=False)
    assert kubeconfig.unmerge(both, OTHER.context) == kubeconfig.document(ACCESS)
    left = kubeconfig.unmerge(both, ACCESS.context)
    assert [each["name"] for each in left["users"]] == ["kubeadmin/pullscope-x", "developer/pullscope-x"]
    assert [each["name"] for each in left["contexts"]] == ["pullscope-x", "pullscope-x-developer"]
    assert left["current-context"] == ""


def test_the_namespace_that_the_user_chose_is_kept() -> None:
    config = kubeconfig.document(ACCESS)
    config["contexts"][0]["context"]["namespace"] = "shop"
    again = kubeconfig.merge(config, ACCESS, make_current=False)
    assert again["contexts"][0]["context"]["namespace"] == "shop"
    assert "namespace" not in again["contexts"][1]["context"]


def test_the_developers_context_is_as_little_the_users_as_the_administrators() -> None:
    config = {**kubeconfig.document(ACCESS), "current-context": "pullscope-developer"}
    rest = kubeconfig.unmerge(config, ACCESS.context)
    assert rest["current-context"] == ""
    assert kubeconfig.is_empty(rest)
    assert not kubeconfig.is_empty({**rest, "preferences": {"colors": True}})


def test_the_labs_own_file_is_read_back(tmp_path: Path) -> None:
    path = tmp_path / "kubeconfig"
    path.write_bytes(kubeconfig.render(kubeconfig.document(ACCESS)))
    assert kubeconfig.access_in(path) == ACCESS


def test_scalars_stay_as_they_are_written() -> None:
    text = b"users:\n- name: u\n  user:\n    password: 012345\n    username: on\n    token: '0755'\n    expiry: 2026-01-01\n"
    assert kubeconfig.render(kubeconfig.parse(text, Path("config"))) == text
