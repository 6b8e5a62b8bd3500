"""What a running lab says about itself: the document of `status -o json`."""

import os

from pullscope.apiserver import version
from pullscope.base import process
from pullscope.kube import meta, resources
from pullscope.kube.api import Object
from pullscope.lab import clocks, faultcommands
from pullscope.lab.assembly import Lab
from pullscope.lab.documents import SCHEMA, Document
from pullscope.node.kubelet import NodeKubelet


async def running(lab: Lab) -> Document:
    """The document of the lab of this process."""
    known = {node["metadata"]["name"]: node for node in (await lab.api.list(resources.NODES)).items}
    credentials = lab.credentials
    return {
        "schema": SCHEMA,
        "name": lab.name,
        "state": "running",
        "pid": os.getpid(),
        "server": lab.server,
        "registry": lab.registry,
        "internalRegistry": lab.internal_registry,
        "console": None,
        "kubernetesVersion": version.git_version(),
        "clock": clocks.name(lab.clock),
        "nodes": [await _node(kubelet, known.get(kubelet.name, {})) for kubelet in lab.nodes],
        "credentials": {
            "kubeadmin": {"password": credentials.kubeadmin_password},
            "developer": {"password": credentials.developer_password},
        },
        "faults": [faultcommands.document(active) for active in lab.registry_faults.active()],
        "memory_bytes": process.resident_bytes(),
    }


async def _node(kubelet: NodeKubelet, node: Object) -> Document:
    """One node; not ready when somebody has deleted its object."""
    ready = meta.get_condition((node.get("status") or {}).get("conditions"), "Ready")
    return {
        "name": kubelet.name,
        "ready": ready is not None and ready["status"] == "True",
        "images": len(await kubelet.images.list_images()),
        "runtime": (await kubelet.runtime.version()).runtime_name,
    }
