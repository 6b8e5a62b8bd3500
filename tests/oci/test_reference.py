"""Image references: upstream's own cases, and properties over the whole grammar."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pullscope.oci import reference
from pullscope.oci.digest import Digest
from pullscope.oci.reference import InvalidReferenceError, Reference

SHA = "sha256:" + "ab" * 32
SHA512 = "sha512:" + "cd" * 64


@pytest.mark.parametrize(
    ("text", "full"),
    [
        ("busybox", "docker.io/library/busybox"),
        ("busybox:1.36", "docker.io/library/busybox:1.36"),
        ("docker.io/busybox", "docker.io/library/busybox"),
        ("index.docker.io/busybox", "docker.io/library/busybox"),
        ("index.docker.io/a/b", "docker.io/a/b"),
        ("library/busybox", "docker.io/library/busybox"),
        ("user/app", "docker.io/user/app"),
        ("localhost/app:v1", "localhost/app:v1"),
        ("localhost:5000/app", "localhost:5000/app"),
        ("127.0.0.1:5001/m/cell:v1", "127.0.0.1:5001/m/cell:v1"),
        ("[::1]:5000/app:v1", "[::1]:5000/app:v1"),
        ("UPPER/app", "UPPER/app"),  # an upper-case first component can only be a host
        ("registry.local/a/b__c/d--e:_x", "registry.local/a/b__c/d--e:_x"),
        (f"quay.io/app@{SHA}", f"quay.io/app@{SHA}"),
        (f"quay.io/app:v1@{SHA512}", f"quay.io/app:v1@{SHA512}"),
        ("xn--n3h.com/myimage:xn--n3h.com", "xn--n3h.com/myimage:xn--n3h.com"),
        ("a" * 128 + ":tag", "docker.io/library/" + "a" * 128 + ":tag"),
        ("test.com:8080/a:" + "t" * 128, "test.com:8080/a:" + "t" * 128),
    ],
)
def test_accepts_what_upstream_accepts(text: str, full: str) -> None:
    assert str(reference.parse(text)) == full


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "invalid reference format"),
        ("a b", "invalid reference format"),
        ("a b:v1", "invalid reference format"),
        (" nginx", "invalid reference format"),
        ("nginx\n", "invalid reference format"),
        ("nginx:", "invalid reference format"),
        (":v1", "invalid reference format"),
        ("@" + SHA, "invalid reference format"),
        ("repo@sha256:ffff", "invalid reference format"),
        ("repo:" + "t" * 129, "invalid reference format"),
        ("-foo/bar:8080", "invalid reference format"),
        ("foo/bar-:v1", "invalid reference format"),
        ("foo//bar", "invalid reference format"),
        ("a/../b", "invalid reference format"),
        ("quay.io/ünï:v1", "invalid reference format"),
        ("a_b.c/app", "invalid reference format"),
        (
            "127.0.0.1:5001/UPPER/Case:v1",
            "invalid reference format: repository name (UPPER/Case) must be lowercase",
        ),
        ("UPPER/Case", "invalid reference format: repository name (Case) must be lowercase"),
        ("Uppercase:tag", "invalid reference format: repository name (library/Uppercase) must be lowercase"),
        ("a" * 64, f"invalid repository name ({'a' * 64}), cannot specify 64-byte hexadecimal strings"),
        ("quay.io/" + "a/" * 128 + "a", "repository name must not be more than 255 characters"),
        ("repo@sha256:" + "a" * 34, "invalid checksum digest length"),
        ("repo@sha256:" + "A" * 64, "invalid checksum digest format"),
        ("quay.io/repo:v1@sha256:" + "A" * 64, "invalid checksum digest format"),
        ("repo@md5:" + "a" * 32, "unsupported digest algorithm"),
    ],
)
def test_refuses_with_upstreams_words(text: str, message: str) -> None:
    with pytest.raises(InvalidReferenceError, match=f"^{re.escape(message)}$"):
        reference.parse(text)


def test_default_tag_is_for_names_without_tag_and_digest() -> None:
    assert reference.literal("app").with_default_tag().tag == "latest"
    assert reference.literal("app:v1").with_default_tag().tag == "v1"
    assert reference.parse(f"app@{SHA}").with_default_tag().tag is None


def test_the_digest_locates_before_the_tag() -> None:
    both = reference.parse(f"quay.io/app:v1@{SHA}")
    assert both.locator == SHA
    assert both.with_tag("v2").locator == "v2"
    assert str(both.with_digest(Digest.parse(SHA512))) == f"quay.io/app@{SHA512}"
    assert reference.literal("app").locator is None
    assert both.name == "quay.io/app"


def test_a_reference_cannot_be_made_malformed() -> None:
    with pytest.raises(InvalidReferenceError, match="invalid tag format"):
        reference.literal("app").with_tag("a/b")
    with pytest.raises(InvalidReferenceError, match="invalid reference format"):
        Reference("quay.io", "../etc")


_words = st.text("ab0", min_size=1, max_size=4)
_components = st.lists(_words, min_size=1, max_size=3).flatmap(
    lambda words: st.sampled_from([".", "_", "__", "-", "---"]).map(lambda separator: separator.join(words))
)
_repositories = st.lists(_components, min_size=1, max_size=4).map("/".join)
_labels = st.builds("{}{}{}".format, _words, st.sampled_from(["", "-", "X"]), _words)
_hosts = st.lists(_labels, min_size=1, max_size=3).map(".".join) | st.sampled_from(
    ["localhost", "docker.io", "index.docker.io", "[::1]", "127.0.0.1"]
)
_registries = st.builds("{}{}".format, _hosts, st.sampled_from(["", ":5000", ":1"]))
_tags = st.none() | st.builds("{}{}".format, st.sampled_from("aZ_9"), st.text("aZ_9.-", max_size=127))
_digests = st.none() | st.sampled_from([Digest.parse(SHA), Digest.parse(SHA512)])


@given(_registries, _repositories, _tags, _digests)
def test_text_and_value_are_one(registry: str, repository: str, tag: str | None, digest: Digest | None) -> None:
    """What prints with an evident registry reads back as itself; the others are normalised, once and for all."""
    made = Reference(registry, repository, tag, digest)
    again = reference.parse(str(made))
    if "." in registry or ":" in registry or registry == "localhost":
        normal = "docker.io" if registry == "index.docker.io" else registry
        assert (again.registry, again.tag, again.digest) == (normal, tag, digest)
        assert again.repository in (repository, f"library/{repository}")
    assert reference.parse(str(again)) == again


@given(st.text() | st.text(alphabet="aA0:/@._-[]% \n", max_size=40))
def test_any_text_is_a_reference_or_refused(text: str) -> None:
    try:
        found = reference.parse(text)
    except InvalidReferenceError:
        return
    assert reference.parse(str(found)) == found
    assert ".." not in found.repository.split("/")
    assert found.repository.isascii()


@given(st.text(alphabet="ab/.-_:@", max_size=300))
def test_repository_and_tag_names_hold_no_way_out(text: str) -> None:
    if reference.is_repository(text):
        assert not {"", ".", ".."} & set(text.split("/"))
    if reference.is_tag(text):
        assert "/" not in text
        assert text not in (".", "..")
