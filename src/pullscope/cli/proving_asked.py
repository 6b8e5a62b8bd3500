"""What the options of `verify` say of a cluster: which one, where in it, and which registry."""

from dataclasses import dataclass
from pathlib import Path

from pullscope.base.errors import UsageError
from pullscope.oci import reference
from pullscope.oci.reference import InvalidReferenceError, Reference
from pullscope.remote import sessions
from pullscope.remote.sessions import Way

OPENSHIFT = "openshift"
"""In place of HOST/REPO: OpenShift's internal registry."""


@dataclass(frozen=True)
class Asked:
    """What the options say. Empty or None: not given.

    `registry`: HOST/REPO, or `openshift`; `serve`: where pullscope is to serve one, `tls` with a certificate of its own
    authority; `way`: how it is reached from here.
    """

    context: str | None = None
    kubeconfig: Path | None = None
    namespace: str = ""
    create_namespace: bool = False
    node: str = ""
    registry: str = ""
    way: Way = sessions.DIRECTLY
    serve: str = ""
    tls: bool = False
    node_access: bool = False
    debug_image: str = ""
    keep: bool = False


def repository(text: str) -> Reference:
    """HOST/REPO as a reference. Raises UsageError."""
    try:
        name = reference.parse(text)
    except InvalidReferenceError as error:
        raise UsageError(f"--registry {text}: {error}", hint=f"write HOST/REPO or {OPENSHIFT}") from error
    if name.tag or name.digest or "/" not in text:
        raise UsageError(f"--registry {text} is not HOST/REPO", hint="as in quay.io/me/pullscope, without a tag")
    return name
