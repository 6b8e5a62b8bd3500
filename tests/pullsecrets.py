"""Pull secrets, as users make them."""

import base64
import json
from collections.abc import Mapping
from typing import Any

from pullscope.kube.api import Object


def made(name: str, auths: Mapping[str, Any]) -> Object:
    """A Secret of that name, whose `auths` have an entry for each place."""
    return {"metadata": {"name": name}, "type": "kubernetes.io/dockerconfigjson", "data": data(auths)}


def data(auths: Mapping[str, Any]) -> dict[str, str]:
    """What is in it."""
    return {".dockerconfigjson": base64.b64encode(json.dumps({"auths": auths}).encode()).decode()}
