"""The user's kubeconfig: what is theirs stays, what is the lab's comes and goes."""

import os
import stat
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from pullscope.lab import kubeconfig

ACCESS = kubeconfig.Access("pullscope", "https://127.0.0.1:6443", b"PEM", "kubeadmin", "sha256~secret")
OTHER = kubeconfig.Access("pullscope-x", "https://127.0.0.1:7443", b"PEM", "kubeadmin", "sha256~other")

names = st.text(min_size=1, max_size=5).filter(lambda name: not name.endswith("pullscope"))
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


def test_labs_do_not_touch_each_other() -> None:
    both = kubeconfig.merge(kubeconfig.document(ACCESS), OTHER, make_current=False)
    assert kubeconfig.unmerge(both, OTHER.context) == kubeconfig.document(ACCESS)
    left = kubeconfig.unmerge(both, ACCESS.context)
    assert [each["name"] for each in left["users"]] == ["kubeadmin/pullscope-x"]
    assert left["current-context"] == ""


def test_the_namespace_that_the_user_chose_is_kept() -> None:
    config = kubeconfig.document(ACCESS)
    config["contexts"][0]["context"]["namespace"] = "shop"
    again = kubeconfig.merge(config, ACCESS, make_current=False)
    assert again["contexts"][0]["context"]["namespace"] == "shop"


def test_scalars_stay_as_they_are_written() -> None:
    text = b"users:\n- name: u\n  user:\n    password: 012345\n    username: on\n    token: '0755'\n    expiry: 2026-01-01\n"
    assert kubeconfig.render(kubeconfig.parse(text, Path("config"))) == text


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        (b"a: [", "while parsing"),
        (b"- a\n", "it is not a mapping"),
        (b"contexts: {}\n", "contexts is not a list"),
        (b"users: [{user: {}}]\n", "users has an entry without a name"),
        (b"\xff\xfe\xff", "unacceptable character"),
    ],
)
def test_a_file_that_is_no_kubeconfig_is_named_and_left_alone(tmp_path: Path, text: bytes, wrong: str) -> None:
    path = tmp_path / "config"
    path.write_bytes(text)
    with pytest.raises(kubeconfig.MalformedKubeconfigError, match=wrong) as caught:
        kubeconfig.add(ACCESS, [path])
    assert str(path) in caught.value.message
    assert path.read_bytes() == text
    assert list(tmp_path.iterdir()) == [path]


def test_the_first_context_becomes_the_current_one(tmp_path: Path) -> None:
    path = tmp_path / "kube" / "config"
    assert kubeconfig.add(ACCESS, [path]) == kubeconfig.Added(path, current=True)
    assert kubeconfig.add(OTHER, [path]) == kubeconfig.Added(path, current=False)
    kubeconfig.remove(ACCESS.context, [path])
    assert [each["name"] for each in kubeconfig.parse(path.read_bytes(), path)["contexts"]] == ["pullscope-x"]


def test_a_current_context_in_any_of_the_files_counts(tmp_path: Path) -> None:
    first, last = tmp_path / "a", tmp_path / "b"
    first.write_text("current-context: work\n", encoding="utf-8")
    assert kubeconfig.add(ACCESS, [first, last]) == kubeconfig.Added(last, current=False)
    assert first.read_text(encoding="utf-8") == "current-context: work\n"


@pytest.mark.skipif(os.name == "nt", reason="POSIX modes and links")
def test_tokens_are_the_users_alone_and_links_stay_links(tmp_path: Path) -> None:
    real, link = tmp_path / "real", tmp_path / "link"
    link.symlink_to(real)
    kubeconfig.add(ACCESS, [link])
    assert link.is_symlink()
    assert stat.S_IMODE(real.stat().st_mode) == 0o600


def test_the_files_are_those_of_the_environment(tmp_path: Path) -> None:
    a, b = tmp_path / "a", tmp_path / "b"
    assert kubeconfig.paths({"KUBECONFIG": f"{a}{os.pathsep}{os.pathsep}{b}"}) == [a, b]
    assert kubeconfig.paths({}) == [Path.home() / ".kube" / "config"]
