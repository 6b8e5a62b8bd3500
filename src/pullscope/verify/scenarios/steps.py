"""The vocabulary of scenarios: what is done one after the other, and what must be seen in between. [pure]

Each scenario has a registry of its own and images of its own: `node` is the one that is pushed first, `registry` the one
that is pushed later under the same tag. Names of pods, secrets and accounts hold within the scenario.
"""

from dataclasses import dataclass
from typing import Literal

from pullscope.pull import verification
from pullscope.pull.complaints import Cause
from pullscope.pull.verification import Mode
from pullscope.verify import case
from pullscope.verify.case import Case, Policy, Source

Login = Literal["one", "two", "wrong"]
"""Whose credentials: two that the registry takes, and one that it does not."""


@dataclass(frozen=True)
class Named:
    """How a pod names the image: with a tag (empty: with none), and with the digest of one of the images."""

    tag: str = "v1"
    digest: Source | None = None


V1 = Named()


@dataclass(frozen=True)
class Push:
    """Push an image under the tag."""

    image: Source
    tag: str = "v1"


@dataclass(frozen=True)
class Untag:
    """Delete the manifest of an image that was pushed under the tag."""

    image: Source
    tag: str = "v1"


@dataclass(frozen=True)
class Misbehave:
    """From now on the registry does this."""

    how: case.Registry


@dataclass(frozen=True)
class Demand:
    """From now on the registry wants credentials: those of `one` or of `two`."""

    scheme: case.Scheme = "basic"


@dataclass(frozen=True)
class Behave:
    """The registry is as it was at first."""


@dataclass(frozen=True)
class Secret:
    """Make a pull secret. `at` is its key under `auths`.

    In it {registry} stands for the registry's name, {host} for that without its port, {any} for it with `*` as the first part of
    the host, and {repository} for the repository's whole name.
    """

    name: str
    login: Login
    at: str = "{registry}"


@dataclass(frozen=True)
class Account:
    """Make a service account with those pull secrets."""

    name: str
    secrets: tuple[str, ...]


@dataclass(frozen=True)
class Run:
    """Create a pod, or a Deployment of one.

    `policy` None: the field is left out. `node`: 0, or 1 for another one. `secrets` and `account` are named as they were made, or
    not made. With `init` a container with that image comes before, under the same policy.
    """

    name: str
    policy: Policy | None
    image: Named = V1
    node: int = 0
    secrets: tuple[str, ...] = ()
    account: str = ""
    init: Named | None = None
    deployment: bool = False


@dataclass(frozen=True)
class SetImage:
    """Change a Deployment's image, as `kubectl set image` does."""

    name: str
    image: Named


@dataclass(frozen=True)
class Restart:
    """`kubectl rollout restart`."""

    name: str


@dataclass(frozen=True)
class Delete:
    """Delete the pod, and wait until it is gone. A Deployment makes the next one."""

    name: str


@dataclass(frozen=True)
class RemoveImage:
    """`crictl rmi` of the tag on a node. `refused`: the runtime must not do it."""

    node: int = 0
    refused: bool = False


@dataclass(frozen=True)
class Preload:
    """`crictl pull` of the tag on a node, as `one`: the image is there, and no kubelet has pulled it."""

    node: int = 0


@dataclass(frozen=True)
class Stop:
    """`crictl stop` of the pod's container: the kubelet starts it again."""

    name: str


@dataclass(frozen=True)
class See:
    """Look at the pod: a Deployment's newest one, or with `old` the one before the last change of its template.

    Exactly one of `runs` (whose image) and `waits` (one of these waiting reasons) is given; `cause` says why a pull fails.
    `eventually`: it may fail first, until it runs. `policy`: what the API server must have made of it; None: what was asked.
    `asked`: whether the registry must have been asked for a manifest since the last step; None: no matter. `times`: how often, for
    what the tag means. `sent`: whether it must have sent bytes of blobs. `event`: words of one of the pod's events; `absent`: words that none of them may have. `container`: `app`, or `init`.
    """

    name: str
    runs: Source | None = None
    waits: tuple[str, ...] = ()
    cause: Cause | None = None
    eventually: bool = False
    policy: Policy | None = None
    asked: bool | None = None
    times: int | None = None
    sent: bool | None = None
    event: str = ""
    absent: str = ""
    restarts: int = 0
    old: bool = False
    container: Literal["app", "init"] = "app"

    def decides(self, case: Case) -> bool:
        """Whether it looks for what the case is about; the last such look is what reports show of the case."""
        return (self.runs is None) is (case.expected.outcome == "waiting")


Step = (
    Push
    | Untag
    | Misbehave
    | Demand
    | Behave
    | Secret
    | Account
    | Run
    | SetImage
    | Restart
    | Delete
    | RemoveImage
    | Preload
    | Stop
    | See
)


@dataclass(frozen=True)
class Needs:
    """What a cluster must be for a scenario. `since` and `before`: releases of the kubelet; `runtime`: its runtime.

    `verification`: their imagePullCredentialsVerificationPolicy, where there is one. `hands`: somebody may use crictl on the
    nodes. `always_pull_images`: the admission plugin of that name is on.
    """

    nodes: int = 1
    since: tuple[int, int] | None = None
    before: tuple[int, int] | None = None
    runtime: Literal["cri-o", "containerd"] | None = None
    verification: Mode = verification.PRELOADED.mode
    hands: bool = False
    always_pull_images: bool = False


@dataclass(frozen=True, kw_only=True)
class Scenario(Case):
    """A case in steps. What the table says of it (policy, node, registry, expected) holds for the last look that decides.

    `what` tells it in words; `upstream` is where the rule stands.
    """

    what: str
    upstream: str
    steps: tuple[Step, ...]
    needs: Needs = Needs()

    @property
    def misbehaves(self) -> bool:
        return True

    @property
    def takes_long(self) -> bool:
        return False

    @property
    def waits_on(self) -> bool:
        return False

    @property
    def title(self) -> str:
        return self.what
