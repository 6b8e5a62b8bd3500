"""`oc whoami`. Upstream: openshift/oc release 4.22 pkg/cli/whoami/whoami.go."""

from pullscope.kube.status import ApiError
from pullscope.oc.arguments import Arguments, Flags
from pullscope.oc.errors import OcError
from pullscope.oc.session import Session

FLAGS = Flags(switches=("t/show-token", "c/show-context", "show-server"))
_REVIEWS = "/apis/authentication.k8s.io/v1/selfsubjectreviews"


async def run(session: Session, arguments: Arguments) -> int:
    """Print the user's name, or what a flag asks for without asking the server."""
    if arguments.on("show-token"):
        session.console.out(token(session))
    elif arguments.on("show-context"):
        session.console.out(session.context.name)
    elif arguments.on("show-server"):
        session.console.out(session.access.server)
    else:
        session.console.out(await user_name(session))
    return 0


def token(session: Session) -> str:
    """The token with which the server is asked. Raises OcError."""
    scheme, _, found = (session.access.authorization or "").partition(" ")
    if scheme != "Bearer" or not found:
        raise OcError("no token is currently in use for this session")
    return found


async def user_name(session: Session) -> str:
    """Who the server takes us for. Raises ApiError."""
    try:
        review = await session.send("POST", _REVIEWS, _review())
        return str(review["status"]["userInfo"]["username"])
    except ApiError:  # upstream asks the older way whatever the reason
        return str((await session.read("/apis/user.openshift.io/v1/users/~"))["metadata"]["name"])


def _review() -> dict[str, object]:
    return {"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview", "metadata": {}}
