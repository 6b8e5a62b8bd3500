"""An API server that says what a test lets it say: what `Cluster.read` gives, and what was asked."""

from typing import Any

import orjson

from pullscope.clusters.errors import TooLongError
from pullscope.kube.status import ApiError


class Api:
    """`answers` by path: an object, bytes as they are, or what to raise. What is not there is a 404."""

    server = "https://api.test:6443"

    def __init__(self, answers: dict[str, Any]) -> None:
        self.answers = answers
        self.asked: list[tuple[str, dict[str, str]]] = []

    async def version(self) -> str:
        return "v1.36.2"

    async def read(self, path: str, params: Any = None, *, largest: int | None = None) -> bytes:
        self.asked.append((path, dict(params or {})))
        answer = self.answers.get(path, ApiError(404, "NotFound", f"{path} not found"))
        if callable(answer):
            answer = answer(dict(params or {}))
        if isinstance(answer, Exception):
            raise answer
        body = answer if isinstance(answer, bytes) else orjson.dumps(answer)
        if largest is not None and len(body) > largest:
            raise TooLongError(self.server, largest)
        return body


def listed(*items: dict[str, Any], **metadata: Any) -> dict[str, Any]:
    return {"metadata": {"resourceVersion": "7", **metadata}, "items": list(items)}


def owned(kind: str, name: str) -> list[dict[str, Any]]:
    """Owner references to the controller whose UID is `uid-NAME`."""
    return [{"apiVersion": "v1", "kind": kind, "name": name, "uid": f"uid-{name}", "controller": True}]


def controller(name: str, *, containers: Any = (), **metadata: Any) -> dict[str, Any]:
    """A workload with a pod template."""
    return {
        "metadata": {"name": name, "namespace": "demo", "uid": f"uid-{name}", **metadata},
        "spec": {"template": {"spec": {"containers": list(containers)}}},
    }
