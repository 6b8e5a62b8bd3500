"""What can happen in the lives of `test_lab`, and how often."""

from typing import Any

from hypothesis import strategies as st
from tests.model.kubelets import Release
from tests.model.model import Name
from tests.model.places import WARS

from pullscope.pull.flavours import Flavour
from pullscope.registry.faults import Fault

FAULTS = {
    "401": Fault(status=401),
    "403": Fault(status=403),
    "500": Fault(status=500),
    "no repository": Fault(no_repository=True),
    "reset": Fault(reset=True),
    "refuse": Fault(refuse=True),
    "wrong digest": Fault(wrong_digest=True),
}
"""By the words of the model, without those after which a runtime waits and tries again by itself: 429, and cut downloads."""

DEFAULT, TEAM = NAMESPACES = ("default", "team")
TAGS = [Name("shop", "v1"), Name("shop", "v2"), Name("open", "v1")]
WAR = st.sampled_from(WARS)
FLAVOUR: st.SearchStrategy[Flavour] = st.sampled_from(("cri-o", "containerd"))
RELEASE = st.sampled_from(
    [Release(), Release((1, 34)), Release((1, 36), "NeverVerify"), Release((1, 36), "AlwaysVerify")]
)
_TAG = st.sampled_from([TAGS[0], *TAGS])
_NAME = st.one_of(_TAG, st.builds(Name, st.sampled_from(["shop", "open"]), st.sampled_from(["", "v1"]), WAR))
_NODE = st.sampled_from(("crc", "crc-2"))
_SECRETS = st.sampled_from([(), ("good",), ("good",), ("other",), ("missing",), ("other", "good")])
_POD = (_NODE, _NAME, st.sampled_from(("IfNotPresent", "Always", "Never")), _SECRETS)
_NAMESPACE = st.sampled_from(NAMESPACES)
_SECRET = (_NAMESPACE, st.sampled_from(["good", "other"]), st.sampled_from(["one", "two"]))
_NUMBER = st.integers(0, 99)

_ARGUMENTS: dict[str, tuple[st.SearchStrategy[Any], ...]] = {
    "pod": (*_POD, _NAMESPACE),
    "deploy": _POD,
    "push": (_TAG, WAR),
    "delete": (_TAG, st.booleans()),
    "lock": (st.sampled_from(["shop", "open"]), st.sampled_from(["one", "two", ""])),
    "fault": (st.sampled_from(sorted(FAULTS)),),
    "rotate": _SECRET,
    "replace": _SECRET,
    "account": (_NAMESPACE, _SECRETS),
    "delete_pod": (_NUMBER,),
    "delete_replica": (),
    "set_image": (_NUMBER, _NAME),
    "stop": (_NUMBER,),
    "rmi": (_NODE, _NAME),
    "wait": (),
    "restart": (RELEASE, st.booleans(), st.sampled_from(["", "", "two"]), st.sampled_from([False, False, True])),
}
_OFTEN = {"pod": 6, "deploy": 4, "push": 4, "fault": 3, "delete_pod": 3, "set_image": 2, "stop": 2, "rmi": 3}

STEPS = st.sampled_from([kind for kind in _ARGUMENTS for _ in range(_OFTEN.get(kind, 1))]).flatmap(
    lambda kind: st.tuples(st.just(kind), *_ARGUMENTS[kind])
)
"""The name of a method, and what it is told."""
