"""Rows of upstream's keyring_test.go, and the hash that a real kubelet recorded."""

import base64
import hashlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pullscope.pull import keyring

DOCKERCONFIGJSON = "kubernetes.io/dockerconfigjson"


def encoded(value: object) -> str:
    return base64.b64encode(json.dumps(value).encode()).decode()


def secret(auths: dict[str, Any], *, name: str = "s") -> dict[str, Any]:
    return {
        "metadata": {"name": name, "namespace": "ns", "uid": f"uid-{name}"},
        "type": DOCKERCONFIGJSON,
        "data": {".dockerconfigjson": encoded({"auths": auths})},
    }


def entry(username: str, password: str = "pw") -> dict[str, str]:
    return {"username": username, "password": password}


def names(locations: dict[str, str], image: str) -> list[str]:
    ring = keyring.make([secret({location: entry(user) for location, user in locations.items()})])
    return [credential.username for credential in keyring.lookup(ring, image)]


@pytest.mark.parametrize(
    ("location", "image", "found"),
    [
        ("hello.kubernetes.io", "hello.kubernetes.io/foo/bar", True),
        ("http://hello.kubernetes.io", "hello.kubernetes.io/foo/bar", True),
        ("https://hello.kubernetes.io", "hello.kubernetes.io/foo/bar", True),
        ("https://hello.kubernetes.io/v1/", "hello.kubernetes.io/foo/bar", True),
        ("https://hello.kubernetes.io/v2/", "hello.kubernetes.io/foo/bar", True),
        ("hello.kubernetes.io/foo", "hello.kubernetes.io/foo/bar", True),
        ("hello.kubernetes.io/baz", "hello.kubernetes.io/foo/bar", False),
        ("world.mesos.org", "hello.kubernetes.io/foo/bar", False),
        ("*.kubernetes.io", "hello.kubernetes.io/foo/bar", True),
        ("*.*.io", "hello.kubernetes.io/foo/bar", True),
        ("*.kubernetes.io", "deep.hello.kubernetes.io/foo/bar", False),
        ("*.kubernetes.io", "kubernetes.io/foo/bar", False),
        ("*.kubernetes.io:5000", "hello.kubernetes.io:5000/foo", True),
        ("hello.kubernetes.io", "hello.kubernetes.io:5000/foo", False),
        ("127.0.0.1:5003", "127.0.0.1:5003/m/private", True),
        ("index.docker.io/v1/", "docker.io/library/busybox", True),
        ("https://index.docker.io/v1/", "docker.io/user/app", True),
        ("docker.io", "docker.io/user/app", True),
        ("index.docker.io", "docker.io/user/app", True),
        ("index.docker.io/v1", "docker.io/user/app", False),
        ("registry-1.docker.io", "docker.io/user/app", False),
        ("*.docker.io", "docker.io/user/app", False),
        ("index.docker.io", "quay.io/user/app", False),
        ("hello.kubernetes.io/fo", "hello.kubernetes.io/foo/bar", True),
        ("hello.kubernetes.io/*", "hello.kubernetes.io/foo/bar", False),
        ("hello.kubernetes.io:*", "hello.kubernetes.io:5000/foo", False),
        ("h*o.kubernetes.io", "hello.kubernetes.io/foo", True),
        ("*", "localhost/foo", True),
        ("*", "hello.kubernetes.io/foo", False),
        ("user@hello.kubernetes.io", "hello.kubernetes.io/foo", True),
        ("hello.kubernetes.io?x", "hello.kubernetes.io/foo", True),
        ("h[ae]llo.kubernetes.io", "hello.kubernetes.io/foo", False),
        ("[::1]:5000", "[::1]:5000/foo", True),
        ("https://[::1", "quay.io/user/app", False),
    ],
)
def test_which_entries_match(location: str, image: str, found: bool) -> None:
    assert bool(names({location: "u"}, image)) == found


def test_the_more_specific_entry_comes_first() -> None:
    ring = {"quay.io": "host", "quay.io/coreos": "org", "quay.io/coreos/etcd": "repo", "*.io": "glob"}
    assert names(ring, "quay.io/coreos/etcd") == ["repo", "org", "host", "glob"]


def test_several_secrets_for_one_registry_are_all_offered() -> None:
    ring = keyring.make([secret({"h.io": entry("a")}, name="1"), secret({"h.io": entry("b")}, name="2")])
    found = keyring.lookup(ring, "h.io/x")
    assert [(credential.username, credential.source) for credential in found] == [
        ("a", keyring.Secret("uid-1", "ns", "1")),
        ("b", keyring.Secret("uid-2", "ns", "2")),
    ]


def test_two_spellings_of_one_place_are_both_tried() -> None:
    both = {"h.io": entry("a"), "https://h.io/v2/": entry("b")}
    found = keyring.lookup(keyring.make([secret(both)]), "h.io/x")
    assert [credential.username for credential in found] == ["a", "b"]


def test_the_older_type_of_secret() -> None:
    old = {
        "metadata": {"name": "s", "namespace": "ns", "uid": "u"},
        "type": "kubernetes.io/dockercfg",
        "data": {".dockercfg": encoded({"h.io": entry("a")})},
    }
    assert [found.username for found in keyring.lookup(keyring.make([old]), "h.io/x")] == ["a"]


def test_other_secrets_are_passed_over() -> None:
    other = {**secret({"h.io": entry("a")}), "type": "Opaque"}
    assert keyring.make([other]) == {}
    assert keyring.make([{**secret({}), "data": None}]) == {}


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("not base64!", "illegal base64 data at input byte 3"),
        (encoded({"auths": {"h": {"auth": "%%"}}}), "illegal base64 data at input byte 0"),
        (base64.b64encode(b"not json").decode(), "Expecting value: line 1 column 1 (char 0)"),
    ],
)
def test_a_broken_secret_is_an_error(content: str, text: str) -> None:
    with pytest.raises(keyring.KeyringError) as refused:
        keyring.make([{**secret({}), "data": {".dockerconfigjson": content}}])
    assert str(refused.value) == text


def test_a_broken_configuration_is_an_error() -> None:
    with pytest.raises(keyring.KeyringError, match="cannot unmarshal array"):
        keyring.of_config({"auths": []})


def test_the_hash_is_the_recorded_one() -> None:
    assert keyring.Credential("user", "pass").hash == "cb54b00fb550d4a17c448149caa29f38f4d5a44fb87c752e43db8160af3a032a"
    assert keyring.Credential("a<b", "&").hash != keyring.Credential("a<b", "").hash


def test_the_email_of_a_secret_counts_in_the_hash() -> None:
    """AuthConfig's JSON is {"username":…,"password":…,"email":…}: so the same login is another credential."""
    ring = keyring.make([secret({"h.io": {**entry("user", "pass"), "email": "me@h.io"}})])
    (found,) = keyring.lookup(ring, "h.io/x")
    text = '{"username":"user","password":"pass","email":"me@h.io"}'
    assert found.hash == hashlib.sha256(text.encode()).hexdigest()


@given(st.text(max_size=8), st.text(max_size=8), st.text(max_size=8), st.text(max_size=8))
def test_different_credentials_have_different_hashes(a: str, b: str, c: str, d: str) -> None:
    assert (keyring.Credential(a, b).hash == keyring.Credential(c, d).hash) == ((a, b) == (c, d))
