"""Which references a mirror moves, what is a rule, and what several rules mean together."""

import pytest

from pullscope.oci import reference
from pullscope.oci.digest import Digest
from pullscope.pull import mirrors
from pullscope.pull.mirrors import InvalidMirrorError, Mirror, Rules

DIGEST = Digest.of(b"x")


@pytest.mark.parametrize(
    ("name", "moved"),
    [
        ("registry.redhat.io/jboss/eap:7", "127.0.0.1:5000/redhat/eap:7"),
        (f"registry.redhat.io/jboss/eap@{DIGEST}", f"127.0.0.1:5000/redhat/eap@{DIGEST}"),
        ("registry.redhat.io/jboss-eap/x:7", None),
        ("registry.redhat.io/other:7", None),
        ("docker.io/library/x", None),
    ],
)
def test_a_mirror_moves_what_begins_with_its_source(name: str, moved: str | None) -> None:
    found = Mirror("registry.redhat.io/jboss", "127.0.0.1:5000/redhat").moved(reference.parse(name))
    assert (str(found) if found else None) == moved


@pytest.mark.parametrize(
    "rule", ["", "x", "r.test=", "=m.test", "r.test=host.test/M", "docker=r.test", "r.test@x=m.test"]
)
def test_what_is_no_rule_is_refused(rule: str) -> None:
    with pytest.raises(InvalidMirrorError, match="is no mirror"):
        mirrors.parse(rule)
    assert mirrors.parse("r.test/a/=m.test:5000") == Mirror("r.test/a", "m.test:5000")


@pytest.mark.parametrize(
    ("name", "moved"),
    [
        ("a.example.com/x/y:1", "m.test/z/x/y:1"),
        ("a.b.example.com:5000/x:1", "m.test/z/x:1"),
        ("example.com/x:1", None),
        ("example.com.test/x:1", None),
    ],
)
def test_a_source_may_be_all_hosts_of_a_domain(name: str, moved: str | None) -> None:
    found = Mirror("*.example.com", "m.test/z").moved(reference.parse(name))
    assert (str(found) if found else None) == moved


def test_where_no_image_can_be_none_is_looked_for() -> None:
    assert Mirror("r.test/a", "m.test").moved(reference.parse("r.test/a:1")) is None
    assert Mirror("r.test", f"m.test/{'a' * 250}").moved(reference.parse("r.test/long/name:1")) is None


@pytest.mark.parametrize(("pulls", "tag", "digest"), [("all", 1, 1), ("tag-only", 1, 0), ("digest-only", 0, 1)])
def test_rules_for_tags_and_for_digests(pulls: str, tag: int, digest: int) -> None:
    rules = Rules((Mirror("r.test", "m.test", pulls),))  # type: ignore[arg-type]  # the three are listed above
    assert len(rules.places(reference.parse("r.test/x:1"))) == tag
    assert len(rules.places(reference.parse("r.test/x").with_digest(DIGEST))) == digest


def test_the_most_specific_source_counts_alone() -> None:
    mirrors = (Mirror("r.test", "m.test"), Mirror("r.test/a", "one.test/x"), Mirror("r.test/a", "two.test"))
    places = Rules(mirrors).places(reference.parse("r.test/a/b:1"))
    assert [str(place) for place in places] == ["one.test/x/b:1", "two.test/b:1"]
    digests_only = (Mirror("r.test", "m.test"), Mirror("r.test/a", "one.test/x", "digest-only"))
    assert Rules(digests_only).places(reference.parse("r.test/a/b:1")) == []


def test_what_is_blocked() -> None:
    rules = Rules((Mirror("r.test/a/open", "m.test"),), frozenset({"r.test/a"}))
    assert rules.blocker(reference.parse("r.test/a/b:1")) == "r.test/a"
    assert rules.blocker(reference.parse("r.test/ab:1")) == ""
    assert rules.blocker(reference.parse("r.test/a/open/b:1")) == ""
