"""imagePullCredentialsVerificationPolicy: its modes, and its allow list."""

import pytest

from pullscope.pull.verification import MODES, InvalidPatternError, Mode, Verification


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("pulled", [True, False])
def test_modes(mode: Mode, pulled: bool) -> None:
    required = {
        "NeverVerify": False,
        "NeverVerifyPreloadedImages": pulled,
        "NeverVerifyAllowlistedImages": True,
        "AlwaysVerify": True,
    }
    assert Verification(mode).required("quay.io/a/b:v1", pulled_by_kubelet=pulled) is required[mode]


@pytest.mark.parametrize(
    ("pattern", "image", "listed"),
    [
        ("quay.io/a/b", "quay.io/a/b", True),
        ("quay.io/a/b", "quay.io/a/b:v1", True),
        ("quay.io:443/a/b", "quay.io:443/a/b:v1", True),
        ("quay.io/a/b", "quay.io/a/b@sha256:" + "0" * 64, True),
        ("quay.io/a/b", "quay.io/a/bc:v1", False),
        ("quay.io/a/b", "quay.io/a/b/c:v1", False),
        ("quay.io/a/*", "quay.io/a/b/c:v1", True),
        ("quay.io/*", "quay.io.evil.test/a:v1", False),
        ("ubuntu", "ubuntu", True),
        ("ubuntu", "ubuntu:24.04", True),
        ("ubuntu", "ubuntu@sha256:" + "0" * 64, True),
        ("docker.io/library/ubuntu", "ubuntu", False),
        ("docker.io/library/*", "ubuntu", False),
        ("quay.io/a/b", "quay.io/a/b:v1@sha256:" + "0" * 64, True),
        ("quay.io/a/*", "quay.io/a", False),
        ("quay.io/*", "quay.io:443/a", False),
    ],
)
def test_the_allow_list(pattern: str, image: str, listed: bool) -> None:
    policy = Verification("NeverVerifyAllowlistedImages", (pattern,))
    assert policy.required(image, pulled_by_kubelet=True) is not listed


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (" quay.io/a", "leading/trailing spaces are not allowed:  quay.io/a"),
        ("", "the supplied pattern is too short: "),
        ("/*", "at least registry hostname is required"),
        ("*", "not a valid wildcard pattern, only patterns ending with '/*' are allowed: *"),
        ("quay.io/a*", "not a valid wildcard pattern, only patterns ending with '/*' are allowed: quay.io/a*"),
        (
            "quay.io/a@sha256:" + "0" * 64,
            "neither tag nor digest is accepted in an image reference: quay.io/a@sha256:" + "0" * 64,
        ),
        ("quay.io/", "failed to parse as an image name: invalid reference format"),
        ("quay.io/*/b", "not a valid wildcard pattern, only patterns ending with '/*' are allowed: quay.io/*/b"),
        ("quay.io/a:v1", "neither tag nor digest is accepted in an image reference: quay.io/a:v1"),
        (
            "quay.io/A",
            "failed to parse as an image name: invalid reference format: repository name (A) must be lowercase",
        ),
    ],
)
def test_patterns_that_are_none(pattern: str, text: str) -> None:
    with pytest.raises(InvalidPatternError) as refused:
        Verification("NeverVerifyAllowlistedImages", (pattern,))
    assert str(refused.value) == text
