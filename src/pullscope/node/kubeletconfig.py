"""What of a KubeletConfiguration bears on images: read from a user's file, checked as upstream checks it.

The file is upstream's own (kubelet.config.k8s.io/v1beta1). Without serializeImagePulls pulls go side by side, as OpenShift's
machine-config-operator configures its nodes (templates/worker/01-worker-kubelet); without registryPullQPS there is no limit of
pulls in a second, where both upstream and OpenShift have 5: nobody here pays for many pods at once. Upstream: pkg/kubelet/apis/config/validation/
validation.go and v1beta1/defaults.go, Kubernetes v1.36.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from pullscope.kube import duration
from pullscope.pull import reasons, verification
from pullscope.pull.collect import Rules
from pullscope.pull.reasons import CREDENTIAL_CHECK, CURRENT, Version
from pullscope.pull.verification import PRELOADED, InvalidPatternError, Verification

API_VERSION = "kubelet.config.k8s.io/v1beta1"
KIND = "KubeletConfiguration"

RELEASES: Mapping[Version, str] = {(1, 34): "v1.34.0", (1, 35): "v1.35.0", (1, 36): "v1.36.2"}
"""The releases that a node can be of, as it reports them."""

_POLICY = "imagePullCredentialsVerificationPolicy"
_ALLOWLIST = "preloadedImagesVerificationAllowlist"
_FIELDS = {
    "apiVersion": str,
    "kind": str,
    "serializeImagePulls": bool,
    "maxParallelImagePulls": int,
    "registryPullQPS": int,
    "registryBurst": int,
    _POLICY: str,
    _ALLOWLIST: list,
    "imageGCHighThresholdPercent": int,
    "imageGCLowThresholdPercent": int,
    "imageMinimumGCAge": str,
    "imageMaximumGCAge": str,
    "nodeStatusMaxImages": int,
}


RULES = Rules()


class InvalidConfigurationError(ValueError):
    """The file is no such configuration, or asks for what is not supported; the message says what."""


@dataclass(frozen=True)
class KubeletConfig:
    """How a kubelet works, and of which release it is.

    `at_once`: how many images are pulled side by side, None for any number. `qps` 0: as often as they come. `told`: how many images the node's status
    names, -1 for all.
    """

    version: Version = CURRENT
    at_once: int | None = None
    qps: int = 0
    burst: int = 10
    verification: Verification = PRELOADED
    collection: Rules = RULES
    told: int = 50

    @property
    def git_version(self) -> str:
        """As a node reports it."""
        return RELEASES[self.version]

    @property
    def checks_credentials(self) -> bool:
        """Whether images that are there are looked at again: KubeletEnsureSecretPulledImages is on by default."""
        return self.version >= CREDENTIAL_CHECK


DEFAULT = KubeletConfig()


def parse(values: Any, version: Version = CURRENT) -> KubeletConfig:
    """What a KubeletConfiguration, read from YAML or JSON, says. Raises InvalidConfigurationError."""
    if not isinstance(values, Mapping):
        raise InvalidConfigurationError("not an object")
    _check_names(values)
    qps, burst = values.get("registryPullQPS", 0), values.get("registryBurst", 10)
    for name, number in (("registryPullQPS (--registry-qps)", qps), ("registryBurst (--registry-burst)", burst)):
        if number < 0:
            raise InvalidConfigurationError(f"invalid configuration: {name} {number} must not be a negative number")
    verified, collected = _verification(values, version), _collection(values)
    return KubeletConfig(version, _at_once(values), qps, burst, verified, collected, _told(values))


def shown(config: KubeletConfig) -> dict[str, Any]:
    """The KubeletConfiguration that is in effect, of a release that does not know a field without it."""
    checked = {
        _POLICY: config.verification.mode,
        _ALLOWLIST: list(config.verification.allowlist) or None,
    }
    fields = {
        "serializeImagePulls": config.at_once == 1,
        "maxParallelImagePulls": config.at_once,
        "registryPullQPS": config.qps,
        "registryBurst": config.burst,
        "imageGCHighThresholdPercent": config.collection.high,
        "imageGCLowThresholdPercent": config.collection.low,
        "imageMinimumGCAge": reasons.go_duration(config.collection.minimum_age),
        "imageMaximumGCAge": reasons.go_duration(config.collection.maximum_age),
        "nodeStatusMaxImages": config.told,
        **(checked if config.checks_credentials else {}),
    }
    named = {name: value for name, value in fields.items() if value is not None}
    return {"kind": KIND, "apiVersion": API_VERSION, **named}


def _check_names(values: Mapping[str, Any]) -> None:
    if (values.get("apiVersion"), values.get("kind")) != (API_VERSION, KIND):
        raise InvalidConfigurationError(f"it must begin with apiVersion: {API_VERSION} and kind: {KIND}")
    for name, value in values.items():
        wanted = _FIELDS.get(name)
        if wanted is None:
            supported = ", ".join(list(_FIELDS)[2:])
            raise InvalidConfigurationError(f"{name} is not supported; these are: {supported}")
        if not isinstance(value, wanted) or (wanted is int and isinstance(value, bool)):
            raise InvalidConfigurationError(f"{name}: {value!r} is no {wanted.__name__}")


def _told(values: Mapping[str, Any]) -> int:
    told = int(values.get("nodeStatusMaxImages", DEFAULT.told))
    if told < -1:
        what = f"invalid configuration: nodeStatusMaxImages (--node-status-max-images) {told} must be -1 or greater"
        raise InvalidConfigurationError(what)
    return told


def _at_once(values: Mapping[str, Any]) -> int | None:
    most = values.get("maxParallelImagePulls")
    serial = values.get("serializeImagePulls", False)
    if most is not None and most < 1:
        raise InvalidConfigurationError(
            f"invalid configuration: maxParallelImagePulls {most} must be a positive number"
        )
    if serial and most is not None and most > 1:
        raise InvalidConfigurationError(
            "invalid configuration: maxParallelImagePulls cannot be larger than 1 unless SerializeImagePulls "
            "(--serialize-image-pulls) is set to false"
        )
    return 1 if serial else most


def _collection(values: Mapping[str, Any]) -> Rules:
    high, low = (
        values.get("imageGCHighThresholdPercent", RULES.high),
        values.get("imageGCLowThresholdPercent", RULES.low),
    )
    names = (
        "imageGCHighThresholdPercent (--image-gc-high-threshold)",
        "imageGCLowThresholdPercent (--image-gc-low-threshold)",
    )
    for name, percent in zip(names, (high, low), strict=True):
        if not 0 <= percent <= 100:
            raise InvalidConfigurationError(
                f"invalid configuration: {name} {percent} must be between 0 and 100, inclusive"
            )
    if low >= high:
        raise InvalidConfigurationError(f"invalid configuration: {names[1]} {low} must be less than {names[0]} {high}")
    minimum = _duration("imageMinimumGCAge", values, RULES.minimum_age)
    maximum = _duration("imageMaximumGCAge", values, RULES.maximum_age)
    if maximum and maximum <= minimum:
        raise InvalidConfigurationError(
            f"invalid configuration: imageMaximumGCAge {values['imageMaximumGCAge']} must be greater than imageMinimumGCAge "
            f"{reasons.go_duration(minimum)}"
        )
    return Rules(high, low, minimum, maximum)


def _duration(name: str, values: Mapping[str, Any], default: timedelta) -> timedelta:
    text = values.get(name)
    if text is None:
        return default
    try:
        found = duration.parse(text)
    except ValueError as error:
        raise InvalidConfigurationError(f"{name}: {error}") from error
    if found < timedelta(0):
        raise InvalidConfigurationError(f"invalid configuration: {name} {text} must not be negative")
    return found


def _verification(values: Mapping[str, Any], version: Version) -> Verification:
    if version < CREDENTIAL_CHECK:
        return _unverified(values)
    mode = values.get(_POLICY, PRELOADED.mode)
    allowlist = tuple(str(each) for each in values.get(_ALLOWLIST, ()))
    if mode not in verification.MODES:
        *first, last = (f'"{each}"' for each in verification.MODES)
        known = f"Valid options are {', '.join(first)} or {last}"
        raise InvalidConfigurationError(f'invalid configuration: option "{mode}" specified for {_POLICY}. {known}')
    if allowlist and mode != "NeverVerifyAllowlistedImages":
        raise InvalidConfigurationError(
            f"invalid configuration: can't set `{_ALLOWLIST}` if `imagePullCredentialsVertificationPolicy` is not "
            '"NeverVerifyAllowlistedImages"'  # the misspelt word is upstream's
        )
    try:
        return Verification(mode, allowlist)
    except InvalidPatternError as error:
        raise InvalidConfigurationError(
            f"invalid configuration: invalid image pattern in `{_ALLOWLIST}`: {error}"
        ) from error


def _unverified(values: Mapping[str, Any]) -> Verification:
    """Of a release that does not verify unless its feature gate, which cannot be set here, is on."""
    for name in (_POLICY, _ALLOWLIST):
        if values.get(name):
            raise InvalidConfigurationError(
                f"invalid configuration: `{name}` must not be set if KubeletEnsureSecretPulledImages feature gate is not enabled"
            )
    return PRELOADED
