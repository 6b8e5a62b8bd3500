"""ServiceAccount: every pod acts as one, finds its token at a known path and may use its pull secrets.

Upstream: kubernetes v1.36 plugin/pkg/admission/serviceaccount/admission.go, as OpenShift configures it (its service CA is
projected beside the cluster's).
"""

from pullscope.kube import status
from pullscope.kube.api import Object
from pullscope.kube.resources import PODS

DEFAULT = "default"
MOUNT_PATH = "/var/run/secrets/kubernetes.io/serviceaccount"
_VOLUME_PREFIX = "kube-api-access-"
_TOKEN_SECONDS = 3607  # one hour and a bit, so that a kubelet can tell it from a user's own hour


def name_of(pod: Object) -> str:
    """The account that the pod asks for."""
    return pod["spec"].get("serviceAccountName") or DEFAULT


def missing(pod: Object, namespace: str) -> status.ApiError:
    """The refusal of a pod whose account does not exist."""
    account = name_of(pod)
    why = f'error looking up service account {namespace}/{account}: serviceaccount "{account}" not found'
    return status.forbidden(PODS, pod["metadata"].get("name", ""), why)


def inject(pod: Object, account: Object, suffix: str) -> None:
    """Make the pod act as `account`; `suffix` ends the name of the volume that holds the token."""
    spec = pod["spec"]
    spec["serviceAccountName"] = spec["serviceAccount"] = account["metadata"]["name"]
    if _automount(spec, account):
        _mount(spec, f"{_VOLUME_PREFIX}{suffix}")
    if not spec.get("imagePullSecrets") and account.get("imagePullSecrets"):
        spec["imagePullSecrets"] = [dict(reference) for reference in account["imagePullSecrets"]]


def _automount(spec: Object, account: Object) -> bool:
    for holder in (spec, account):
        if holder.get("automountServiceAccountToken") is not None:
            return bool(holder["automountServiceAccountToken"])
    return True


def _mount(spec: Object, volume: str) -> None:
    mounted = False
    for container in [*(spec.get("initContainers") or ()), *(spec.get("containers") or ())]:
        mounts = container.setdefault("volumeMounts", [])
        if all(mount.get("mountPath") != MOUNT_PATH for mount in mounts):
            mounts.append({"name": volume, "readOnly": True, "mountPath": MOUNT_PATH})
            mounted = True
    if mounted:
        spec.setdefault("volumes", []).append({"name": volume, "projected": _projection()})


def _projection() -> Object:
    """Token, the cluster's CA, the namespace, and OpenShift's service CA."""
    namespace = {"path": "namespace", "fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.namespace"}}
    return {
        "sources": [
            {"serviceAccountToken": {"expirationSeconds": _TOKEN_SECONDS, "path": "token"}},
            _config_map("kube-root-ca.crt", "ca.crt"),
            {"downwardAPI": {"items": [namespace]}},
            _config_map("openshift-service-ca.crt", "service-ca.crt"),
        ],
        "defaultMode": 0o644,
    }


def _config_map(name: str, key: str) -> Object:
    return {"configMap": {"name": name, "items": [{"key": key, "path": key}]}}
