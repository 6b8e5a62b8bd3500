"""The topic `defaulting`: what the API server makes of a pod without imagePullPolicy, and what that leads to.

The image's name decides: no tag and `:latest` are Always, whatever digest follows; all else is IfNotPresent. It decides once,
when the object is created: a later change of the image leaves the policy as it is.
"""

from pullscope.verify.case import Expected
from pullscope.verify.scenarios.steps import Named, Push, Run, Scenario, See, SetImage

_DEFAULTS = "kubernetes v1.36 pkg/apis/core/v1/defaults.go, SetDefaults_Container"
_IMAGE_MANAGER = "kubernetes v1.36 pkg/kubelet/images/image_manager.go, imagePullPrecheck"
_NODE = Expected("running", "node", (), "IfNotPresent: the node's image")
_REGISTRY = Expected("running", "registry", (), "Always: the registry's image")
_DIGEST = Expected("running", "node", (), "IfNotPresent: the digest's image, unasked")
_ASKED = Expected("running", "node", (), "Always: the digest's image, asked for")
_KEPT = Expected("running", "registry", (), "Always stays: the registry's image")

_LATEST = Named("latest")
_NO_TAG = Named("")
_BY_DIGEST = Named("", "node")
_TAG_AND_DIGEST = Named("v1", "node")
_LATEST_AND_DIGEST = Named("latest", "node")

CASES = (
    Scenario(
        *("d1", "Always", True, True, _REGISTRY),
        registry="newer",
        what="a pod without policy, its image without a tag",
        upstream=_DEFAULTS,
        steps=(
            Push("node", "latest"),
            Run("first", "IfNotPresent", _LATEST),
            See("first", runs="node", asked=True),
            Push("registry", "latest"),
            Run("pod", None, _NO_TAG),
            See("pod", runs="registry", policy="Always", asked=True),
        ),
    ),
    Scenario(
        *("d2", "Always", True, True, _REGISTRY),
        registry="newer",
        what="a pod without policy, its image with :latest",
        upstream=_DEFAULTS,
        steps=(
            Push("node", "latest"),
            Run("first", "IfNotPresent", _LATEST),
            See("first", runs="node", asked=True),
            Push("registry", "latest"),
            Run("pod", None, _LATEST),
            See("pod", runs="registry", policy="Always", asked=True),
        ),
    ),
    Scenario(
        *("d3", "IfNotPresent", True, True, _NODE),
        registry="newer",
        what="a pod without policy, its image with a tag",
        upstream=_DEFAULTS,
        steps=(
            Push("node"),
            Run("first", "IfNotPresent"),
            See("first", runs="node", asked=True),
            Push("registry"),
            Run("pod", None),
            See("pod", runs="node", policy="IfNotPresent", asked=False),
        ),
    ),
    Scenario(
        *("d4", "IfNotPresent", True, True, _DIGEST),
        registry="newer",
        what="a pod without policy, its image by digest",
        upstream=_DEFAULTS,
        steps=(
            Push("node"),
            Run("first", "IfNotPresent", _BY_DIGEST),
            See("first", runs="node", asked=True),
            Push("registry"),
            Run("pod", None, _BY_DIGEST),
            See("pod", runs="node", policy="IfNotPresent", asked=False),
        ),
    ),
    Scenario(
        *("d5", "IfNotPresent", True, True, _DIGEST),
        registry="newer",
        what="a pod without policy, its image with a tag and a digest",
        upstream=_DEFAULTS,
        steps=(
            Push("node"),
            Run("first", "IfNotPresent", _TAG_AND_DIGEST),
            See("first", runs="node", asked=True),
            Push("registry"),
            Run("pod", None, _TAG_AND_DIGEST),
            See("pod", runs="node", policy="IfNotPresent", asked=False),
        ),
    ),
    Scenario(
        *("d6", "Always", True, True, _ASKED),
        registry="newer",
        what="a pod without policy, its image with :latest and a digest",
        upstream=_DEFAULTS,
        steps=(
            Push("node", "latest"),
            Run("first", "IfNotPresent", _LATEST_AND_DIGEST),
            See("first", runs="node", asked=True),
            Push("registry", "latest"),
            Run("pod", None, _LATEST_AND_DIGEST),
            See("pod", runs="node", policy="Always", asked=True, sent=False),
        ),
    ),
    Scenario(
        *("d7", "Always", True, True, _KEPT),
        registry="newer",
        what="a Deployment without policy, of :latest at first, then of a tag",
        upstream=_DEFAULTS,
        steps=(
            Push("node"),
            Run("first", "IfNotPresent"),
            See("first", runs="node", asked=True),
            Push("node", "latest"),
            Run("app", None, _LATEST, deployment=True),
            See("app", runs="node", policy="Always", asked=True),
            Push("registry"),
            SetImage("app", Named("v1")),
            See("app", runs="registry", policy="Always", asked=True),
        ),
    ),
    Scenario(
        *("d8", "IfNotPresent", True, True, _DIGEST),
        registry="newer",
        what="a pod by digest, whose image the node has under a tag",
        upstream=_IMAGE_MANAGER,
        steps=(
            Push("node"),
            Run("first", "IfNotPresent"),
            See("first", runs="node", asked=True),
            Push("registry"),
            Run("pod", None, _BY_DIGEST),
            See("pod", runs="node", policy="IfNotPresent", asked=False),
        ),
    ),
)
