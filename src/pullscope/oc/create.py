"""`oc create imagestream NAME`. Upstream: openshift/oc release 4.22 pkg/cli/create/imagestream.go."""

from pullscope.kube.resources import IMAGE_STREAMS
from pullscope.oc import discovery
from pullscope.oc.arguments import Arguments, Flags
from pullscope.oc.errors import OcError
from pullscope.oc.session import Session

FLAGS = Flags(switches=("lookup-local",))


async def run(session: Session, arguments: Arguments) -> int:
    """Make a stream without tags."""
    if not arguments.words or arguments.words[0] not in ("imagestream", "is"):
        kind = arguments.words[0] if arguments.words else ""
        raise OcError(f'`pullscope oc create` makes imagestreams alone, not "{kind}"; `apply -f` makes everything')
    if len(arguments.words) != 2:
        raise OcError(f"exactly one NAME is required, got {len(arguments.words) - 1}")
    name = arguments.words[1]
    stream = {
        "apiVersion": IMAGE_STREAMS.api_version,
        "kind": IMAGE_STREAMS.kind,
        "metadata": {"name": name},
        "spec": {"lookupPolicy": {"local": arguments.on("lookup-local")}},
        "status": {"dockerImageRepository": ""},
    }
    await session.send("POST", IMAGE_STREAMS.path(session.namespace), stream)
    session.console.out(f"{discovery.label(IMAGE_STREAMS)}/{name} created")
    return 0
