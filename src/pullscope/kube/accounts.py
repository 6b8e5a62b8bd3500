"""Service accounts as users: their names and groups.

Upstream: k8s.io/apiserver v0.36 pkg/authentication/serviceaccount/util.go.
"""

from pullscope.kube import names

_PREFIX = "system:serviceaccount:"


def username(namespace: str, name: str) -> str:
    """The user that a service account is: `system:serviceaccount:demo:default`."""
    return f"{_PREFIX}{namespace}:{name}"


def groups(namespace: str) -> tuple[str, ...]:
    """The groups of a namespace's service accounts."""
    return ("system:serviceaccounts", f"system:serviceaccounts:{namespace}")


def split(user: str) -> tuple[str, str] | None:
    """Namespace and name of the service account that a user is, None when it is none."""
    parts = user.removeprefix(_PREFIX).split(":")
    if not user.startswith(_PREFIX) or len(parts) != 2:
        return None
    namespace, name = parts
    return None if names.dns1123_label(namespace) or names.dns1123_subdomain(name) else (namespace, name)
