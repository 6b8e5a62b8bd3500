"""What `crictl … -o json` and `inspect` show: CRI's messages by protobuf's rules, where 64-bit numbers are strings. Pure."""

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import PurePath
from typing import Any

import yaml

from pullscope.cri.api import ContainerStatus, Image, PodSandbox
from pullscope.oci.digest import Digest
from pullscope.pull.flavours import Flavour

Document = dict[str, Any]


def rendered(document: Mapping[str, Any], output: str) -> str:
    """As `json`, with a newline at its end, or `yaml`."""
    if output == "yaml":
        return str(yaml.safe_dump(document, sort_keys=True))
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def image(found: Image) -> Document:
    """runtime.v1.Image, as lists show it."""
    return {
        "id": found.id,
        "repoTags": list(found.repo_tags),
        "repoDigests": list(found.repo_digests),
        "size": str(found.size),
        "username": found.username,
        "pinned": found.pinned,
    }


def image_details(found: Image, config: Mapping[str, Any], flavour: Flavour) -> Document:
    """`crictl inspecti`: status, the image's configuration, and what else the runtime tells."""
    if flavour == "containerd":
        return _sorted({"info": {"chainID": chain_id(config), "imageSpec": config}, "status": image(found)})
    spec = {"annotations": {}, "image": "", "imageRef": "", "runtimeHandler": "", "userSpecifiedImage": ""}
    labels = (config.get("config") or {}).get("Labels")
    info = {"imageSpec": config, **({"labels": labels} if labels else {})}
    return _sorted({"info": info, "status": {**image(found), "spec": spec}})


def chain_id(config: Mapping[str, Any]) -> str:
    """The id of all layers of an image, one on the other (image-spec v1.1, config.md)."""
    chain = ""
    for layer in (config.get("rootfs") or {}).get("diff_ids") or []:
        chain = str(Digest.of(f"{chain} {layer}".encode())) if chain else layer
    return chain


def container(found: ContainerStatus, flavour: Flavour) -> Document:
    """runtime.v1.Container, as lists show it: containerd tells the id of the image only, and in another field."""
    by_id = flavour == "containerd"
    return {
        "id": found.id,
        "podSandboxId": found.pod_sandbox_id,
        "metadata": {"name": found.name, "attempt": found.attempt},
        "image": _image_spec(found.image_id, ""),
        "imageRef": found.image_id if by_id else found.image_ref,
        "state": str(found.state),
        "createdAt": str(found.created_at),
        "labels": dict(sorted(found.labels.items())),
        "annotations": dict(sorted(found.annotations.items())),
        "imageId": "" if by_id else found.image_id,
    }


def container_details(found: ContainerStatus) -> Document:
    """`crictl inspect`. The log's path is the node's."""
    status = {
        **container(found, "cri-o"),
        "createdAt": _moment(found.created_at),
        "startedAt": _moment(found.started_at),
        "finishedAt": _moment(found.finished_at),
        "exitCode": found.exit_code,
        "reason": found.reason,
        "message": found.message,
        "logPath": "/".join(("/var/log/pods", *PurePath(found.log_path).parts[-3:])) if found.log_path else "",
    }
    status["image"] = _image_spec(found.image, found.image)
    del status["podSandboxId"]
    return _sorted({"info": {"sandboxID": found.pod_sandbox_id}, "status": status})


def pod(found: PodSandbox) -> Document:
    """runtime.v1.PodSandbox."""
    config = found.config
    return {
        "id": found.id,
        "metadata": {
            "name": config.name,
            "uid": config.uid,
            "namespace": config.namespace,
            "attempt": config.attempt,
        },
        "state": str(found.state),
        "createdAt": str(found.created_at),
        "labels": dict(sorted(config.labels.items())),
        "annotations": dict(sorted(config.annotations.items())),
        "runtimeHandler": "",
    }


def runtime_info(conditions: Iterable[str]) -> Document:
    """`crictl info`: the runtime's conditions, all of them true."""
    found = [{"message": "", "reason": "", "status": True, "type": name} for name in conditions]
    return {"config": {}, "status": {"conditions": found}}


def _image_spec(name: str, user_specified: str) -> Document:
    return {
        "image": name,
        "annotations": {},
        "userSpecifiedImage": user_specified,
        "runtimeHandler": "",
        "imageRef": "",
    }


def _moment(nanoseconds: int) -> str:
    """RFC 3339 with nine digits; what did not happen yet was at the epoch."""
    whole, rest = divmod(nanoseconds, 10**9)
    return f"{datetime.fromtimestamp(whole, UTC):%Y-%m-%dT%H:%M:%S}.{rest:09}Z"


def _sorted(document: Document) -> Document:
    """The same with keys in order, as `inspect` shows them."""
    return {key: _sorted(value) if isinstance(value, dict) else value for key, value in sorted(document.items())}
