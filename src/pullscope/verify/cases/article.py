"""The suite `article`: the six cases of the tutorial, and `Never` as No. 7 and 8 below them.

In No. 1 and 2 the image is on the node, to show that it is not used. In No. 7 and 8 another image is in the registry, to
show that it is not asked.
"""

from pullscope.verify.case import Case, Expected
from pullscope.verify.cases import waits

NAME = "article"

_NOT_FOUND = Expected(
    "waiting",
    None,
    waits.PULL_FAILS,
    "fails: image not found (ErrImagePull, then ImagePullBackOff)",
)
_NEVER_PULLED = Expected("waiting", None, waits.NEVER_PULLED, "fails: ErrImageNeverPull")
_FROM_REGISTRY = Expected("running", "registry", (), "Running, the registry's image")
_FROM_NODE = Expected("running", "node", (), "Running, the node's cached image")

SIX = (
    Case("1", "Always", on_node=True, in_registry=False, expected=_NOT_FOUND, node_matters=False),
    Case("2", "Always", on_node=True, in_registry=True, expected=_FROM_REGISTRY, node_matters=False),
    Case("3", "IfNotPresent", on_node=False, in_registry=False, expected=_NOT_FOUND),
    Case("4", "IfNotPresent", on_node=False, in_registry=True, expected=_FROM_REGISTRY),
    Case("5", "IfNotPresent", on_node=True, in_registry=False, expected=_FROM_NODE),
    Case("6", "IfNotPresent", on_node=True, in_registry=True, expected=_FROM_NODE),
)
NEVER = (
    Case("7", "Never", on_node=True, in_registry=True, expected=_FROM_NODE),
    Case("8", "Never", on_node=False, in_registry=True, expected=_NEVER_PULLED),
)
CASES = SIX + NEVER
