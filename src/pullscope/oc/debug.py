"""`oc debug node/NAME [-- COMMAND]`. What it makes and takes away again is in `debugging`."""

from pullscope.kube.resources import NODES
from pullscope.kube.streams import StreamError
from pullscope.oc import discovery
from pullscope.oc.arguments import Arguments, Flags
from pullscope.oc.debugging import SHELL, Debugger
from pullscope.oc.errors import OcError
from pullscope.oc.session import Session

FLAGS = Flags(switches=("t/tty", "T/no-tty", "q/quiet"))


async def run(session: Session, arguments: Arguments) -> int:
    """Run the command, or a shell, with the node's root at /host. 1 when it fails: oc does not hand on the number."""
    if len(arguments.words) != 1:
        raise OcError("you must identify a resource with a pod template to debug")
    (word,) = arguments.words
    kind, slash, name = word.partition("/")
    known = discovery.meant(await discovery.resources(session), kind)[0] if slash else None
    if known is None or known.kind != NODES.kind or not name:
        raise OcError(f"`pullscope oc debug` debugs nodes alone (node/NAME), not {word}")
    tell = (lambda _: None) if arguments.on("quiet") else session.console.err
    debugger = Debugger(session.http, session.console, session.clock, tell)
    try:
        code = await debugger.node(name, arguments.after or SHELL, attach=not arguments.after)
    except StreamError as error:
        raise OcError(str(error)) from error
    if code and arguments.after:
        raise OcError("non-zero exit code from debug container")
    return 1 if code else 0
