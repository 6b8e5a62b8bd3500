"""What to add where so that nodes can pull from a registry, by what their runtime says of it: one line. [pure]

Upstream: containers-registries.conf(5) and containers-certs.d(5) for CRI-O, docs/hosts.md of containerd v2 for containerd,
the Image config (config.openshift.io/v1) for OpenShift.
"""

from pullscope.pull.complaints import Cause

_HTTP = "server gave HTTP response to HTTPS client"


def mend(cause: Cause, message: str, registry: str) -> str:
    """The hint for pods that could not pull from `registry` (its host, with a port where it has one)."""
    if cause is Cause.TLS:
        return _plain_http(registry) if _HTTP in message else _authority(registry)
    return _BY_CAUSE.get(cause, "").format(registry=registry)


def _plain_http(registry: str) -> str:
    return (
        f"tell the nodes that {registry} speaks plain HTTP: CRI-O, in /etc/containers/registries.conf.d/pullscope.conf, "
        f'[[registry]] location = "{registry}" insecure = true; containerd, in /etc/containerd/certs.d/{registry}/hosts.toml, '
        f'[host."http://{registry}"]; OpenShift, spec.registrySources.insecureRegistries of image.config.openshift.io/cluster'
    )


def _authority(registry: str) -> str:
    return (
        f"give the nodes the registry's CA: CRI-O, /etc/containers/certs.d/{registry}/ca.crt; containerd, "
        f'/etc/containerd/certs.d/{registry}/hosts.toml with ca = "FILE"; OpenShift, spec.additionalTrustedCA of '
        "image.config.openshift.io/cluster"
    )


_BY_CAUSE = {
    Cause.CREDENTIALS: "the nodes need a pull secret for {registry}: log in here (podman login {registry}) and it is made for "
    "the run, or attach one to the namespace's service account default",
    Cause.UNREACHABLE: "can the nodes reach {registry}? they resolve its name and connect to it themselves, not this machine: "
    "choose an address that both know, and look for firewalls and a proxy (NO_PROXY of the nodes' runtime)",
    Cause.LIMITED: "wait, or log in here: the limits of {registry} are higher for accounts",
    Cause.MISSING: "the nodes are told another content than we pushed: is there a mirror or another registry of that name?",
    Cause.OTHER_TAG: "the nodes ask for another image than the pod names: is there a mirror that renames it?",
    Cause.BROKEN: "look at the log of {registry}",
    Cause.CONTENT: "the nodes get other bytes than we pushed: is there a proxy between them and {registry} that changes them?",
    Cause.PLATFORM: "the probe is for linux/amd64 and linux/arm64: name such a node with --node",
}
