"""How a refusal looks on the screen: kubectl's words for a Status.

Upstream: k8s.io/kubectl v0.36 pkg/cmd/util/helpers.go (checkErr, StandardErrorMessage, MultilineError).
"""

from pullscope.base.errors import PullscopeError
from pullscope.kube.status import ApiError


class OcError(PullscopeError):
    """What the client itself refuses; printed as `error: <message>`."""


def told(error: ApiError) -> str:
    """The line or lines for a Status of the server."""
    details = error.details or {}
    if error.reason == "Invalid" and details.get("kind"):
        return _invalid(f'The {details["kind"]} "{details.get("name", "")}" is invalid', details.get("causes") or [])
    if error.reason == "Unauthorized":
        return f"error: You must be logged in to the server ({error.message})"
    return (
        f"Error from server ({error.reason}): {error.message}"
        if error.reason
        else f"Error from server: {error.message}"
    )


def _invalid(head: str, causes: list[dict[str, str]]) -> str:
    texts = [f"{cause.get('field', '')}: {cause.get('message', '')}" for cause in causes]
    match texts:
        case []:
            return head
        case [text]:
            return f"{head}: {text}"
        case _:
            return f"{head}: \n" + "\n".join(f"* {text}" for text in texts)
