"""The topic `credentials`: whose username and password a node shows to a registry that wants some.

Secrets come from the pod, or from its service account where the pod names none. Which of their entries are for an image tells the
entry's key: host, port and the beginning of the path must fit, parts of the host may be globs; all that fit are tried in turn.
"""

from pullscope.pull.complaints import Cause
from pullscope.verify.case import Expected
from pullscope.verify.cases import waits
from pullscope.verify.scenarios.steps import Account, Demand, Push, Run, Scenario, Secret, See

_KEYRING = "kubernetes v1.36 pkg/credentialprovider/keyring.go, Lookup and URLsMatch"
_PULLER = "kubernetes v1.36 pkg/kubelet/images/image_manager.go, pullImage (each of the credentials in turn)"
_ACCOUNTS = "kubernetes v1.36 plugin/pkg/admission/serviceaccount/admission.go (imagePullSecrets of the account)"
_MISSING = "kubernetes v1.36 pkg/kubelet/kubelet_pods.go, getPullSecretsForPod"
_RUNS = Expected("running", "registry", (), "Running: the registry's image")
_DENIED = Expected("waiting", None, waits.PULL_FAILS, "fails: no access", Cause.CREDENTIALS)

_IMAGE = (Push("registry"), Demand())
_PLAIN = Run("pod", "IfNotPresent", secrets=("pull",))
_FAILS = See("pod", waits=waits.PULL_FAILS, cause=Cause.CREDENTIALS, asked=True, sent=False)
_WORKS = See("pod", runs="registry", asked=True)
_CONTROL = (
    Secret("good", "one"),
    Run("control", "IfNotPresent", secrets=("good",)),
    See("control", runs="registry", asked=True),
)
"""With the right secret the same image runs."""

CASES = (
    Scenario(
        *("c1", "IfNotPresent", False, True, _RUNS),
        registry="private",
        what="the pod names a secret for the registry",
        upstream=_KEYRING,
        steps=(*_IMAGE, Secret("pull", "one"), _PLAIN, _WORKS),
    ),
    Scenario(
        *("c2", "IfNotPresent", False, True, _DENIED),
        registry="private",
        what="nobody has credentials",
        upstream=_PULLER,
        steps=(*_IMAGE, Run("pod", "IfNotPresent"), _FAILS, *_CONTROL),
    ),
    Scenario(
        *("c3", "IfNotPresent", False, True, _DENIED),
        registry="private",
        what="the secret has a wrong password",
        upstream=_PULLER,
        steps=(*_IMAGE, Secret("pull", "wrong"), _PLAIN, _FAILS, *_CONTROL),
    ),
    Scenario(
        *("c4", "IfNotPresent", False, True, _DENIED),
        registry="private",
        what="there is no secret of that name: the kubelet says so, and pulls without",
        upstream=_MISSING,
        steps=(
            *_IMAGE,
            _PLAIN,
            See(
                "pod",
                waits=waits.PULL_FAILS,
                cause=Cause.CREDENTIALS,
                asked=True,
                event="FailedToRetrieveImagePullSecret: Unable to retrieve some image pull secrets",
            ),
            *_CONTROL,
        ),
    ),
    Scenario(
        *("c5", "IfNotPresent", False, True, _RUNS),
        registry="private",
        what="the pod's service account names the secret",
        upstream=_ACCOUNTS,
        steps=(
            *_IMAGE,
            Secret("pull", "one"),
            Account("robot", ("pull",)),
            Run("pod", "IfNotPresent", account="robot"),
            _WORKS,
        ),
    ),
    Scenario(
        *("c6", "IfNotPresent", False, True, _DENIED),
        registry="private",
        what="the pod names a wrong secret, so that of its service account does not count",
        upstream=_ACCOUNTS,
        steps=(
            *_IMAGE,
            Secret("pull", "wrong"),
            Secret("good", "one"),
            Account("robot", ("good",)),
            Run("pod", "IfNotPresent", account="robot", secrets=("pull",)),
            _FAILS,
            Run("control", "IfNotPresent", account="robot"),
            See("control", runs="registry", asked=True),
        ),
    ),
    Scenario(
        *("c7", "IfNotPresent", False, True, _RUNS),
        registry="private",
        what="of two secrets for the registry the first is wrong",
        upstream=_PULLER,
        steps=(
            *_IMAGE,
            Secret("pull", "wrong"),
            Secret("good", "two"),
            Run("pod", "IfNotPresent", secrets=("pull", "good")),
            _WORKS,
        ),
    ),
    Scenario(
        *("c8", "IfNotPresent", False, True, _RUNS),
        registry="private",
        what="the secret is for the repository",
        upstream=_KEYRING,
        steps=(*_IMAGE, Secret("pull", "one", at="{repository}"), _PLAIN, _WORKS),
    ),
    Scenario(
        *("c9", "IfNotPresent", False, True, _RUNS),
        registry="private",
        what="the secret is for a glob of the registry's host",
        upstream=_KEYRING,
        steps=(*_IMAGE, Secret("pull", "one", at="{any}"), _PLAIN, _WORKS),
    ),
    Scenario(
        *("c10", "IfNotPresent", False, True, _DENIED),
        registry="private",
        what="the secret is for another repository",
        upstream=_KEYRING,
        steps=(*_IMAGE, Secret("pull", "one", at="{registry}/other"), _PLAIN, _FAILS, *_CONTROL),
    ),
    Scenario(
        *("c11", "IfNotPresent", False, True, _DENIED),
        registry="private",
        what="the secret is for the host without its port",
        upstream=_KEYRING,
        steps=(*_IMAGE, Secret("pull", "one", at="{host}"), _PLAIN, _FAILS, *_CONTROL),
    ),
    Scenario(
        *("c12", "IfNotPresent", False, True, _RUNS),
        registry="private",
        what="the registry wants a token, which its own service gives for the secret",
        upstream="distribution v3 docs/spec/auth/token.md",
        steps=(Push("registry"), Demand("bearer"), Secret("pull", "one"), _PLAIN, _WORKS),
    ),
    Scenario(
        *("c13", "IfNotPresent", False, True, _DENIED),
        registry="private",
        what="the registry wants a token, and the secret has a wrong password",
        upstream="distribution v3 docs/spec/auth/token.md",
        steps=(
            *(Push("registry"), Demand("bearer"), Secret("pull", "wrong"), _PLAIN),
            See("pod", waits=waits.PULL_FAILS, cause=Cause.CREDENTIALS),
            *_CONTROL,
        ),
    ),
    Scenario(
        *("c14", "IfNotPresent", False, True, _RUNS),
        registry="private",
        what="the secret is for the registry's address as docker writes it",
        upstream=_KEYRING,
        steps=(*_IMAGE, Secret("pull", "one", at="https://{registry}/v2/"), _PLAIN, _WORKS),
    ),
    Scenario(
        *("c15", "IfNotPresent", False, True, _DENIED),
        registry="private",
        what="the secret is for any port: there are no globs in ports",
        upstream=_KEYRING,
        steps=(*_IMAGE, Secret("pull", "one", at="{host}:*"), _PLAIN, _FAILS, *_CONTROL),
    ),
    Scenario(
        *("c16", "IfNotPresent", False, True, _RUNS),
        registry="private",
        what="one of two secrets does not exist: the kubelet says so, and the other one serves",
        upstream=_MISSING,
        steps=(
            *_IMAGE,
            Secret("pull", "one"),
            Run("pod", "IfNotPresent", secrets=("none", "pull")),
            See(
                "pod",
                runs="registry",
                asked=True,
                event="FailedToRetrieveImagePullSecret: Unable to retrieve some image pull secrets (none-c16-",
            ),
        ),
    ),
)
