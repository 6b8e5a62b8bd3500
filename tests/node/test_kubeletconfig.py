"""A user's KubeletConfiguration: what of it is understood, and why it is refused."""

from typing import Any

import pytest

from pullscope.node import kubeletconfig
from pullscope.node.kubeletconfig import DEFAULT, InvalidConfigurationError, KubeletConfig
from pullscope.pull.verification import Verification

HEAD = {"apiVersion": "kubelet.config.k8s.io/v1beta1", "kind": "KubeletConfiguration"}


@pytest.mark.parametrize(
    ("fields", "config"),
    [
        ({}, DEFAULT),
        ({"serializeImagePulls": True}, KubeletConfig(at_once=1)),
        ({"serializeImagePulls": True, "maxParallelImagePulls": 1}, KubeletConfig(at_once=1)),
        ({"serializeImagePulls": False, "maxParallelImagePulls": 3}, KubeletConfig(at_once=3)),
        ({"registryPullQPS": 5}, KubeletConfig(qps=5, burst=10)),
        ({"nodeStatusMaxImages": -1}, KubeletConfig(told=-1)),
        ({"registryPullQPS": 5, "registryBurst": 1}, KubeletConfig(qps=5, burst=1)),
        (
            {"imagePullCredentialsVerificationPolicy": "AlwaysVerify"},
            KubeletConfig(verification=Verification("AlwaysVerify")),
        ),
        (
            {
                "imagePullCredentialsVerificationPolicy": "NeverVerifyAllowlistedImages",
                "preloadedImagesVerificationAllowlist": ["quay.io/a/*"],
            },
            KubeletConfig(verification=Verification("NeverVerifyAllowlistedImages", ("quay.io/a/*",))),
        ),
    ],
)
def test_what_is_named_counts_and_the_rest_stays(fields: dict[str, Any], config: KubeletConfig) -> None:
    assert kubeletconfig.parse({**HEAD, **fields}) == config


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ([], "not an object"),
        ({}, "it must begin with apiVersion: kubelet.config.k8s.io/v1beta1 and kind: KubeletConfiguration"),
        ({**HEAD, "evictionHard": {}}, "evictionHard is not supported; these are: serializeImagePulls, "),
        ({**HEAD, "serializeImagePulls": "no"}, "serializeImagePulls: 'no' is no bool"),
        (
            {**HEAD, "nodeStatusMaxImages": -2},
            "invalid configuration: nodeStatusMaxImages (--node-status-max-images) -2 must be -1 or greater",
        ),
        ({**HEAD, "registryPullQPS": True}, "registryPullQPS: True is no int"),
        ({**HEAD, "registryPullQPS": -1}, "registryPullQPS (--registry-qps) -1 must not be a negative number"),
        ({**HEAD, "maxParallelImagePulls": 0}, "maxParallelImagePulls 0 must be a positive number"),
        (
            {**HEAD, "serializeImagePulls": True, "maxParallelImagePulls": 2},
            "maxParallelImagePulls cannot be larger than 1 unless SerializeImagePulls (--serialize-image-pulls) is set to false",
        ),
        (
            {**HEAD, "imagePullCredentialsVerificationPolicy": "Sometimes"},
            (
                'invalid configuration: option "Sometimes" specified for imagePullCredentialsVerificationPolicy. Valid options are '
                '"NeverVerify", "NeverVerifyPreloadedImages", "NeverVerifyAllowlistedImages" or "AlwaysVerify"'
            ),
        ),
        (
            {**HEAD, "preloadedImagesVerificationAllowlist": ["a"]},
            (
                "invalid configuration: can't set `preloadedImagesVerificationAllowlist` if "
                '`imagePullCredentialsVertificationPolicy` is not "NeverVerifyAllowlistedImages"'
            ),
        ),
        (
            {
                **HEAD,
                "imagePullCredentialsVerificationPolicy": "NeverVerifyAllowlistedImages",
                "preloadedImagesVerificationAllowlist": ["a:v1"],
            },
            "invalid configuration: invalid image pattern in `preloadedImagesVerificationAllowlist`: neither tag nor digest is accepted in an image reference: a:v1",
        ),
    ],
)
def test_why_it_is_refused(values: Any, text: str) -> None:
    with pytest.raises(InvalidConfigurationError) as refused:
        kubeletconfig.parse(values)
    assert text in str(refused.value)


@pytest.mark.parametrize("name", ["imagePullCredentialsVerificationPolicy", "preloadedImagesVerificationAllowlist"])
def test_a_release_that_does_not_verify_takes_no_policy(name: str) -> None:
    values = {"imagePullCredentialsVerificationPolicy": "NeverVerify", "preloadedImagesVerificationAllowlist": ["a"]}
    with pytest.raises(InvalidConfigurationError) as refused:
        kubeletconfig.parse({**HEAD, name: values[name]}, (1, 34))
    text = f"`{name}` must not be set if KubeletEnsureSecretPulledImages feature gate is not enabled"
    assert str(refused.value) == f"invalid configuration: {text}"


def test_what_is_shown_reads_as_what_it_was() -> None:
    config = KubeletConfig(
        at_once=1, qps=5, verification=Verification("NeverVerifyAllowlistedImages", ("quay.io/a/*",))
    )
    assert kubeletconfig.parse(kubeletconfig.shown(config)) == config
    assert "imagePullCredentialsVerificationPolicy" not in kubeletconfig.shown(KubeletConfig(version=(1, 34)))
