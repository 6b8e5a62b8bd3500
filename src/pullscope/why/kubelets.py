"""What decides on a node besides its images: its kubelet's release and settings, and its container runtime. [pure]

Upstream: KubeletEnsureSecretPulledImages (KEP-2535) is alpha and off in 1.33 and 1.34, and on by default since 1.35. The
configuration of a kubelet with it names a policy, also where nobody wrote one; that of a kubelet without it cannot
(pkg/kubelet/apis/config/v1beta1/defaults.go and validation, v1.36).
"""

from dataclasses import dataclass

from pullscope.kube import nodeinfo
from pullscope.pull import flavours, reasons, verification
from pullscope.pull.flavours import Flavour
from pullscope.pull.flow import Text
from pullscope.pull.verification import PRELOADED, InvalidPatternError, Verification
from pullscope.why.facts import KubeletSettings, Node

GATE = "KubeletEnsureSecretPulledImages"


@dataclass(frozen=True)
class Kubelet:
    """A node's kubelet, `version` as it says itself. `runtime` is None for one that nobody knows here.

    `verification`: what it asks credentials for again; None for a kubelet that does not.
    """

    version: str
    runtime: Flavour | None
    verification: Verification | None

    @property
    def keeps_used(self) -> bool | None:
        """Whether its runtime refuses to remove an image that a container was made of; None where nobody knows."""
        return flavours.RULES[self.runtime].keeps_used if self.runtime else None

    @property
    def names_loaded(self) -> bool:
        """Whether an image that was loaded, not pulled, has its repository's digest all the same, as CRI-O gives it."""
        return self.runtime is not None and flavours.RULES[self.runtime].names_by_tag

    @property
    def release(self) -> reasons.Version:
        """Whose words it has."""
        return release(self.version)

    def verifies(self, image: str) -> bool:
        """Whether a pod with `image` (its own text), which the kubelet pulled, must show credentials that pulled it."""
        return self.verification is not None and self.verification.required(image, pulled_by_kubelet=True)


def stated(version: str, runtime: Flavour | None = None) -> Kubelet:
    """One of that release, as nobody configured it."""
    return Kubelet(version, runtime, by_default(release(version)))


def of(node: Node | None, cluster: str) -> Kubelet:
    """The node's kubelet; of a node that may not be read, one of the API server's release (`cluster`)."""
    version = (node.kubelet if node else "") or cluster
    settings = node.settings if node else None
    checks = _verification(settings) if settings else by_default(release(version))
    return Kubelet(version, _flavour(node.runtime) if node else None, checks)


def by_default(version: reasons.Version) -> Verification | None:
    """What kubelets of that release ask credentials for again, where nobody configured it."""
    return PRELOADED if version >= reasons.CREDENTIAL_CHECK else None


def release(version: str) -> reasons.Version:
    """`v1.36.2+abc` as (1, 36); the current one where the text tells none."""
    return nodeinfo.release(version) or reasons.CURRENT


ASSUMED = stated(".".join(map(str, reasons.CURRENT)))
"""Where neither a cluster nor a release is named."""


def _flavour(runtime: str) -> Flavour | None:
    """By `containerRuntimeVersion`."""
    told = nodeinfo.runtimes(runtime)
    return next((known for known in flavours.RULES if known in told), None)


def _verification(settings: KubeletSettings) -> Verification | None:
    """A policy that is not known here is taken for the default."""
    mode = next((mode for mode in verification.MODES if mode == settings.verification), None)
    if mode is None:
        return PRELOADED if settings.verification else None
    try:
        return Verification(mode, settings.allowlist)
    except InvalidPatternError:
        return Verification(mode)


def rule(kubelet: Kubelet) -> Text:
    """Whom that kubelet lets use an image that it pulled, and why."""
    name = f"kubelet {kubelet.version}"
    if kubelet.verification is None:
        since = ".".join(map(str, reasons.CREDENTIAL_CHECK))
        off = f"by default before {since}" if kubelet.release < reasons.CREDENTIAL_CHECK else "there"
        ja = f"{since} より前の既定" if kubelet.release < reasons.CREDENTIAL_CHECK else "無効化されている"
        return Text(
            f"{name} lets any pod use what its node has ({GATE} is off {off})",
            f"{name} は、ノードにあるイメージをどの Pod にも使わせます ({GATE} は無効: {ja})",
        )
    policy = f"imagePullCredentialsVerificationPolicy: {kubelet.verification.mode}"
    told = _TOLD[kubelet.verification.mode]
    return Text(f"{name} {told.en} ({GATE}, {policy})", f"{name} は{told.ja} ({GATE}, {policy})")


_TOLD: dict[verification.Mode, Text] = {
    "NeverVerify": Text("lets any pod use what its node has", "ノードにあるイメージをどの Pod にも使わせます"),
    "NeverVerifyPreloadedImages": Text(
        "lets pods use an image that it pulled with a secret only with that secret",
        "シークレットで取得したイメージを、同じシークレットを持つ Pod にだけ使わせます",
    ),
    "NeverVerifyAllowlistedImages": Text(
        "lets pods use an image that is not on its allow list only with credentials that pulled it",
        "許可リストにないイメージを、取得に使われた認証情報を持つ Pod にだけ使わせます",
    ),
    "AlwaysVerify": Text(
        "lets pods use any image, also one that was loaded, only with credentials that pulled it",
        "ロードされたものも含めどのイメージも、取得に使われた認証情報を持つ Pod にだけ使わせます",
    ),
}
