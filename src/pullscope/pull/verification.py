"""Which images the kubelet asks credentials for again: imagePullCredentialsVerificationPolicy, as a value.

Upstream: pkg/kubelet/images/pullmanager/image_pull_policies.go, Kubernetes v1.36. `access` decides with it.
"""

from dataclasses import dataclass
from typing import Literal, assert_never, get_args

from pullscope.oci import reference
from pullscope.oci.reference import InvalidReferenceError

Mode = Literal["NeverVerify", "NeverVerifyPreloadedImages", "NeverVerifyAllowlistedImages", "AlwaysVerify"]
MODES: tuple[Mode, ...] = get_args(Mode)

_WILDCARD = "/*"


class InvalidPatternError(ValueError):
    """An entry of the allow list is none; the message is upstream's."""


@dataclass(frozen=True)
class Verification:
    """The policy. `allowlist` counts for NeverVerifyAllowlistedImages: names without tag, or all below `host/path/*`."""

    mode: Mode = "NeverVerifyPreloadedImages"
    allowlist: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for pattern in self.allowlist:
            _check(pattern)

    def required(self, image: str, *, pulled_by_kubelet: bool) -> bool:
        """Whether a pod with `image` (its own text) must show credentials. `pulled_by_kubelet`: a record or an intent exists."""
        match self.mode:
            case "NeverVerify":
                return False
            case "NeverVerifyPreloadedImages":
                return pulled_by_kubelet
            case "NeverVerifyAllowlistedImages":
                return not any(_matches(pattern, image) for pattern in self.allowlist)
            case "AlwaysVerify":
                return True
            case _:
                assert_never(self.mode)


PRELOADED = Verification()
"""The default."""


def _matches(pattern: str, image: str) -> bool:
    if pattern.endswith(_WILDCARD):
        return image.startswith(pattern.removesuffix("*"))
    return _without_tag(image) == pattern


def _without_tag(image: str) -> str:
    name = image.partition("@")[0]
    host, slash, rest = name.rpartition("/")
    return host + slash + rest.partition(":")[0]


def _check(pattern: str) -> None:
    if pattern != pattern.strip():
        raise InvalidPatternError(f"leading/trailing spaces are not allowed: {pattern}")
    prefix = pattern.removesuffix("*") if pattern.endswith(_WILDCARD) else pattern
    if not prefix:
        raise InvalidPatternError(f"the supplied pattern is too short: {pattern}")
    if "*" in prefix:
        raise InvalidPatternError(
            f"not a valid wildcard pattern, only patterns ending with '/*' are allowed: {pattern}"
        )
    if prefix == "/":
        raise InvalidPatternError("at least registry hostname is required")
    if prefix == pattern:
        try:
            found = reference.parse(pattern)
        except InvalidReferenceError as error:
            raise InvalidPatternError(f"failed to parse as an image name: {error}") from error
        if found.locator is not None:
            raise InvalidPatternError(f"neither tag nor digest is accepted in an image reference: {pattern}")
