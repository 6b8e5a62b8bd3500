"""Credential re-verification: the pods of the recording (private-reverify), and the algebra of merging."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pullscope.pull import access
from pullscope.pull.access import Allowed, Credentials, Exempt, MustPull, PulledRecord, SecretRecord, Unreadable, Wanted
from pullscope.pull.keyring import Credential, Secret
from pullscope.pull.verification import Verification

NAME = "127.0.0.1:5003/m/private"
GOOD = Credential("user", "pass", Secret("uid-good", "priv", "good"))
SAME_ELSEWHERE = Credential("user", "pass", Secret("uid-2", "priv2", "goodtoo"))
ROTATED = Credential("user", "new", Secret("uid-good", "priv", "good"))
BAD = Credential("user", "wrong", Secret("uid-bad", "priv", "bad"))
PRIVATE = PulledRecord("id", {NAME: access.recorded(GOOD)})
PUBLIC = PulledRecord("id", {NAME: access.recorded(None)})


def wanted(offered: list[Credential]) -> Wanted:
    return Wanted(f"{NAME}:v1", NAME, offered)


def remembered(credential: Credential) -> Allowed:
    return Allowed(access.recorded(credential))


@pytest.mark.parametrize(
    ("record", "offered", "verdict"),
    [
        pytest.param(None, [], Exempt(), id="h, i: put there by others, never by the kubelet"),
        pytest.param(PUBLIC, [], Allowed(), id="k: pulled without credentials"),
        pytest.param(PRIVATE, [], MustPull(), id="b, c: private, no secret"),
        pytest.param(PRIVATE, [GOOD], Allowed(), id="d: the same secret"),
        pytest.param(PRIVATE, [BAD], MustPull(), id="e: a wrong password"),
        pytest.param(
            PRIVATE, [SAME_ELSEWHERE], remembered(SAME_ELSEWHERE), id="f: the credential of another namespace"
        ),
        pytest.param(PRIVATE, [ROTATED], remembered(ROTATED), id="the same secret, rotated"),
        pytest.param(PRIVATE, [BAD, GOOD], Allowed(), id="one of several is good"),
        pytest.param(PRIVATE, [Credential("user", "pass")], MustPull(), id="the node's own credential proves nothing"),
        pytest.param(PulledRecord("id"), [GOOD], MustPull(), id="pulled, nobody knows with what"),
        pytest.param(PulledRecord("id", {NAME: Credentials()}), [GOOD], MustPull(), id="a record that names nobody"),
        pytest.param(
            PRIVATE,
            [Credential("user", "pass", Secret("new", "priv", "good"))],
            remembered(Credential("user", "pass", Secret("new", "priv", "good"))),
            id="the secret was made anew",
        ),
        pytest.param(
            PRIVATE, [Credential("user", "new", Secret("new", "priv", "good"))], MustPull(), id="made anew, and changed"
        ),
    ],
)
def test_verdicts(record: PulledRecord | None, offered: list[Credential], verdict: access.Verdict) -> None:
    assert access.verify(record, wanted(offered)) == verdict


@pytest.mark.parametrize(
    ("policy", "record", "verdict"),
    [
        (Verification("NeverVerify"), PRIVATE, Exempt()),
        (Verification("AlwaysVerify"), None, MustPull()),
        (Verification("AlwaysVerify"), PRIVATE, MustPull()),
        (Verification("AlwaysVerify"), PUBLIC, Allowed()),
        (Verification("NeverVerifyAllowlistedImages", ("127.0.0.1:5003/m/*",)), PRIVATE, Exempt()),
        (Verification("NeverVerifyAllowlistedImages", (NAME,)), PRIVATE, Exempt()),
        (Verification("NeverVerifyAllowlistedImages", ("127.0.0.1:5003/other/*",)), None, MustPull()),
        (Verification("NeverVerifyAllowlistedImages"), PUBLIC, Allowed()),
    ],
)
def test_the_policy_says_whose_credentials_are_looked_at(
    policy: Verification, record: PulledRecord | None, verdict: access.Verdict
) -> None:
    assert access.verify(record, wanted([]), policy) == verdict


BROKEN = Unreadable("illegal base64 data at input byte 0")


@pytest.mark.parametrize(
    ("record", "verdict"),
    [
        (PRIVATE, BROKEN),
        (PUBLIC, Allowed()),
        (None, Exempt()),
        (PulledRecord("id"), MustPull()),
        (PulledRecord("id", {NAME: Credentials()}), MustPull()),
    ],
)
def test_secrets_are_read_only_where_they_decide(record: PulledRecord | None, verdict: access.Verdict) -> None:
    assert access.verify(record, Wanted(f"{NAME}:v1", NAME, BROKEN)) == verdict


def test_an_image_under_another_name_is_verified_again() -> None:
    assert access.verify(PRIVATE, Wanted("other/name:v1", "other/name", [GOOD])) == MustPull()


def test_an_unfinished_pull_counts_as_pulled_by_the_kubelet() -> None:
    assert access.verify(None, Wanted(f"{NAME}:v1", NAME, [GOOD], intended=True)) == MustPull()


def test_a_full_record_is_not_grown_by_looking() -> None:
    many = tuple(SecretRecord("ns", f"s{number}", "u", GOOD.hash) for number in range(100))
    record = PulledRecord("id", {NAME: Credentials(secrets=many)})
    assert access.verify(record, wanted([SAME_ELSEWHERE])) == Allowed()


CREDENTIALS = st.one_of(
    st.just(Credentials(node_pods_accessible=True)),
    st.builds(
        lambda secrets: Credentials(secrets=tuple(secrets)),
        st.lists(
            st.builds(
                SecretRecord, st.sampled_from("ab"), st.sampled_from("cd"), st.sampled_from("ef"), st.sampled_from("gh")
            ),
            min_size=1,
            max_size=3,
            unique_by=lambda secret: secret.coordinates,
        ),
    ),
)


@given(CREDENTIALS)
def test_merging_twice_is_merging_once(new: Credentials) -> None:
    once = access.merged(PRIVATE, "id", NAME, new)
    assert access.merged(once, "id", NAME, new) is once


@given(CREDENTIALS, CREDENTIALS)
def test_whoever_was_let_in_by_the_kubelet_stays_in(first: Credentials, second: Credentials) -> None:
    record = access.merged(access.merged(None, "id", NAME, first), "id", NAME, second)
    known = record.credentials[NAME]
    if first.node_pods_accessible or second.node_pods_accessible:
        assert known == Credentials(node_pods_accessible=True)
    else:
        assert set(second.secrets) <= set(known.secrets)
        assert {s.coordinates for s in (*first.secrets, *second.secrets)} == {s.coordinates for s in known.secrets}
        assert list(known.secrets) == sorted(known.secrets) or not set(second.secrets) - set(first.secrets)


def test_other_names_of_the_image_keep_their_credentials() -> None:
    record = access.merged(PRIVATE, "id", "other/name", Credentials(node_pods_accessible=True))
    assert record.credentials[NAME] == PRIVATE.credentials[NAME]
    assert set(record.credentials) == {NAME, "other/name"}


def test_nothing_new_changes_nothing() -> None:
    assert access.merged(PRIVATE, "id", NAME, None) is PRIVATE
    assert access.merged(PRIVATE, "id", NAME, Credentials()) is PRIVATE
    assert access.merged(None, "id", NAME, None) == PulledRecord("id")
