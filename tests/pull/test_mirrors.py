"""Which references a mirror moves, and what is a rule."""

import pytest

from pullscope.oci import reference
from pullscope.oci.digest import Digest
from pullscope.pull import mirrors
from pullscope.pull.mirrors import InvalidMirrorError, Mirror

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
