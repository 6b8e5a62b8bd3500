"""What a running lab says about itself: the document of `status -o json`."""

import os
from collections.abc import Mapping

from pullscope.apiserver import version
from pullscope.base import process
from pullscope.kube import meta, resources
from pullscope.kube.api import Object
from pullscope.lab.assembly import Lab
from pullscope.lab.documents import SCHEMA, Document


async def running(lab: Lab) -> Document:
    """The document of the lab of this process."""
    nodes = (await lab.api.list(resources.NODES)).items
    images = {node.name: len(await node.images.list_images()) for node in lab.nodes}
    credentials = lab.credentials
    return {
        "schema": SCHEMA,
        "name": lab.name,
        "state": "running",
        "pid": os.getpid(),
        "server": lab.server,
        "registry": lab.registry,
        "console": None,
        "kubernetesVersion": version.git_version(),
        "nodes": [_node(node, images) for node in nodes if node["metadata"]["name"] in images],
        "credentials": {
            "kubeadmin": {"password": credentials.kubeadmin_password},
            "developer": {"password": credentials.developer_password},
        },
        "faults": [],
        "memory_bytes": process.resident_bytes(),
    }


def _node(node: Object, images: Mapping[str, int]) -> Document:
    status = node.get("status") or {}
    ready = meta.get_condition(status.get("conditions"), "Ready")
    name, runtime = node["metadata"]["name"], (status.get("nodeInfo") or {}).get("containerRuntimeVersion", "")
    return {
        "name": name,
        "ready": ready is not None and ready["status"] == "True",
        "images": images[name],
        "runtime": runtime.partition("://")[0],
    }
