"""`oc debug node/NAME|deployment/NAME|pod/NAME… [-- COMMAND]`. What it makes and takes away again is in `debugging`."""

from pullscope.kube.resources import NODES
from pullscope.kube.streams import StreamError
from pullscope.oc import discovery
from pullscope.oc.arguments import Arguments, Flags
from pullscope.oc.debugging import SHELL, Debugger
from pullscope.oc.errors import OcError
from pullscope.oc.session import Session

FLAGS = Flags(switches=("t/tty", "T/no-tty", "q/quiet"))


async def run(session: Session, arguments: Arguments) -> int:
    """Run the command, or a shell, with the node's root at /host or in a copy of the workload's pod. 1 when it fails: oc does not hand on the number."""
    if len(arguments.words) != 1:
        raise OcError("you must identify a resource with a pod template to debug")
    (word,) = arguments.words
    kind, slash, name = word.partition("/")
    known = discovery.meant(await discovery.resources(session), kind)[0] if slash else None
    if known is None or not name:
        raise OcError(f"what is to be debugged is named as KIND/NAME: node/crc, deployment/app, pod/x, not {word}")
    tell = (lambda _: None) if arguments.on("quiet") else session.console.err
    debugger = Debugger(session.http, session.console, session.clock, tell)
    try:
        if known.kind == NODES.kind:
            code = await debugger.node(name, arguments.after or SHELL, attach=not arguments.after)
        else:
            source = await session.cluster.get(known, session.namespace if known.namespaced else None, name)
            code = await debugger.copy(source, arguments.after or SHELL, attach=not arguments.after)
    except LookupError as error:
        raise OcError(f"{word} makes no pods: there is nothing to debug") from error
    except StreamError as error:
        raise OcError(str(error)) from error
    if code and arguments.after:
        raise OcError("non-zero exit code from debug container")
    return 1 if code else 0
