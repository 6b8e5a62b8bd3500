"""Docker configurations: what is read, and Go's words for what does not fit."""

import base64
from typing import Any

import pytest

from pullscope.pull import dockerconfig
from pullscope.pull.dockerconfig import Entry, InvalidConfigError


def encoded(text: str | bytes) -> str:
    return base64.b64encode(text.encode() if isinstance(text, str) else text).decode()


@pytest.mark.parametrize(
    ("entry", "read"),
    [
        pytest.param({"username": "u", "password": "p", "email": "e"}, Entry("u", "p", "e"), id="fields"),
        pytest.param({"auth": encoded("u:p:q"), "username": "x", "email": "e"}, Entry("u", "p:q", "e"), id="auth wins"),
        pytest.param({"auth": encoded("u:p").rstrip("=")}, Entry("u", "p"), id="not padded"),
        pytest.param(
            {"auth": encoded("user:pass") + "\n"}, Entry("user", "pass"), id="a line break, as base64 ends with one"
        ),
        pytest.param({"auth": encoded(b"u:\xff")}, Entry("u", "�"), id="no UTF-8"),
        pytest.param({"auth": "", "username": "u", "password": "p"}, Entry("u", "p"), id="an empty auth says nothing"),
        pytest.param({"Username": "u", "PASSWORD": "p"}, Entry("u", "p"), id="whatever case"),
        pytest.param({"auth": None, "username": None}, Entry(), id="nulls"),
        pytest.param(None, Entry(), id="null"),
        pytest.param({}, Entry(), id="nothing"),
        pytest.param({"identitytoken": "t", "registrytoken": "t"}, Entry(), id="tokens are not read"),
    ],
)
def test_entries(entry: Any, read: Entry) -> None:
    assert dockerconfig.entries({"auths": {"h.io": entry}, "credsStore": "x"}) == {"h.io": read}
    assert dockerconfig.legacy_entries({"h.io": entry}) == {"h.io": read}


@pytest.mark.parametrize("config", [None, {}, {"auths": None}, {"auths": {}}])
def test_no_entries(config: Any) -> None:
    assert dockerconfig.entries(config) == {}


@pytest.mark.parametrize(
    ("config", "text"),
    [
        ([], "json: cannot unmarshal array into Go value of type credentialprovider.DockerConfigJSON"),
        ({"auths": []}, "json: cannot unmarshal array into Go struct field DockerConfigJSON.auths of type credentialprovider.DockerConfig"),
        (
            {"auths": {"h": "x"}},
            "json: cannot unmarshal string into Go struct field DockerConfigJSON.auths of type credentialprovider.dockerConfigEntryWithAuth",
        ),
        ({"auths": {"h": {"password": 1}}}, "json: cannot unmarshal number into Go struct field DockerConfigJSON.auths.password of type string"),
        ({"auths": {"h": {"auth": True}}}, "json: cannot unmarshal bool into Go struct field DockerConfigJSON.auths.auth of type string"),
        ({"auths": {"h": {"auth": "%%"}}}, "illegal base64 data at input byte 0"),
        (
            {"auths": {"h": {"auth": encoded("no colon")}}},
            "unable to parse auth field, must be formatted as base64(username:password)",
        ),
    ],
)  # fmt: skip
def test_what_does_not_fit(config: Any, text: str) -> None:
    with pytest.raises(InvalidConfigError) as refused:
        dockerconfig.entries(config)
    assert str(refused.value) == text


@pytest.mark.parametrize(
    ("config", "text"),
    [
        (1, "json: cannot unmarshal number into Go value of type credentialprovider.DockerConfig"),
        ({"h": []}, "json: cannot unmarshal array into Go value of type credentialprovider.dockerConfigEntryWithAuth"),
        (
            {"h": {"username": {}}},
            "json: cannot unmarshal object into Go struct field dockerConfigEntryWithAuth.username of type string",
        ),
    ],
)
def test_what_does_not_fit_in_the_older_shape(config: Any, text: str) -> None:
    with pytest.raises(InvalidConfigError) as refused:
        dockerconfig.legacy_entries(config)
    assert str(refused.value) == text
