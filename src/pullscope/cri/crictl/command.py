"""The command line: which commands there are, their flags, and what becomes of their errors."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pullscope.cri.crictl import flags, images, runtime, speech
from pullscope.cri.crictl.flags import Flag, FlagError
from pullscope.cri.crictl.node import Call, CrictlError, ExitError, Node
from pullscope.runtime.toolbox.context import Context

SOCKET = "/run/crio/crio.sock"
"""Where the runtime listens, on a node."""

_OUTPUT = Flag(("output", "o"), "Output format, one of: json|yaml|table", value=True)
_AS_DOCUMENT = Flag(("output", "o"), "Output format, one of: json|yaml", value=True)
_QUIET = Flag(("quiet", "q"), "Only display IDs")
_WHOLE = Flag(("no-trunc",), "Show output without truncating the ID")
_NAME = Flag(("name",), "Filter by name; a regular expression", value=True)
_NAMESPACE = Flag(("namespace",), "Filter by the pod's namespace", value=True)
_LABEL = Flag(("label",), "Filter by key=value label", value=True)
_LATEST = Flag(("latest", "l"), "Show the most recently created one, whatever its state")
_LAST = Flag(("last", "n"), "Show the last n created ones, whatever their state", value=True)
_STATE = Flag(("state", "s"), "Filter by state", value=True)


@dataclass(frozen=True)
class _Command:
    """A command. `least`: how many arguments it takes at least; with fewer its help is shown."""

    run: Callable[[Call], Awaitable[None]]
    purpose: str
    usage: str
    known: Sequence[Flag] = ()
    least: int = 0


def _has_target(call: Call, least: int) -> bool:
    return len(call.given.arguments) >= least or call.given.has("all") or call.given.has("prune")


COMMANDS = {
    "images": _Command(
        images.images,
        "List images",
        "images [command options] [REPOSITORY[:TAG]]",
        (
            Flag(("digests",), "Show digests"),
            _WHOLE,
            _OUTPUT,
            _QUIET,
            Flag(("verbose", "v"), "Show verbose info for images"),
        ),
    ),
    "inspecti": _Command(
        images.inspect,
        "Return the status of one or more images",
        "inspecti [command options] IMAGE-ID [IMAGE-ID...]",
        (_AS_DOCUMENT,),
        1,
    ),
    "rmi": _Command(
        images.remove,
        "Remove one or more images",
        "rmi [command options] IMAGE-ID [IMAGE-ID...]",
        (Flag(("all", "a"), "Remove all images (default: false)"),
         Flag(("prune", "q"), "Remove all unused images (default: false)")),
        1,
    ),
    "pull": _Command(
        images.pull,
        "Pull an image from a registry",
        "pull [command options] NAME[:TAG|@DIGEST]",
        (Flag(("creds",), "Use USERNAME[:PASSWORD] for accessing the registry", value=True),),
    ),
    "ps": _Command(
        runtime.ps,
        "List containers",
        "ps [command options]",
        (
            Flag(("all", "a"), "Show all containers"),
            Flag(("image",), "Filter by container image", value=True),
            _LABEL, _LAST, _LATEST, _NAME, _NAMESPACE, _WHOLE, _OUTPUT,
            Flag(("pod", "p"), "Filter by pod id", value=True),
            _QUIET, _STATE,
        ),
    ),
    "inspect": _Command(
        runtime.inspect,
        "Display the status of one or more containers",
        "inspect [command options] CONTAINER-ID [CONTAINER-ID...]",
        (_AS_DOCUMENT,),
        1,
    ),
    "logs": _Command(
        runtime.logs,
        "Fetch the logs of a container",
        "logs [command options] CONTAINER-ID",
        (
            Flag(("tail",), "Number of lines to show from the end of the logs", value=True),
            Flag(("timestamps", "t"), "Show timestamps"),
        ),
    ),
    "stop": _Command(
        runtime.stop,
        "Stop one or more running containers",
        "stop [command options] CONTAINER-ID [CONTAINER-ID...]",
        (
            Flag(("timeout", "t"), "Seconds to wait to kill the container after a graceful stop is requested", value=True),
            Flag(("all", "a"), "Stop all running containers"),
        ),
    ),
    "pods": _Command(
        runtime.pods,
        "List pods",
        "pods [command options]",
        (Flag(("id",), "Filter by pod id", value=True), _LABEL, _LAST, _LATEST, _NAME, _NAMESPACE, _WHOLE, _OUTPUT,
         _QUIET, _STATE),
    ),
    "version": _Command(runtime.version, "Display runtime version information", "version"),
    "info": _Command(
        runtime.info,
        "Display information of the container runtime",
        "info [command options]",
        (_AS_DOCUMENT,),
    ),
}  # fmt: skip
_ALIASES = {"image": "images", "img": "images"}
_OTHERS = (
    "attach", "checkpoint", "completion", "config", "create", "event", "events", "exec", "imagefsinfo", "inspectp",
    "metricdescs", "metricsp", "port-forward", "rm", "rmp", "run", "runp", "runtime-config", "start", "stats", "statsp",
    "stopp", "update", "update-runtime-config",
)  # fmt: skip


class Crictl:
    """The word `crictl`. It reaches `node` through the node's socket, the host's file `socket`: where a container's root
    does not show that, nobody answers.
    """

    def __init__(self, socket: Path, node: Callable[[], Node]) -> None:
        self._socket = socket
        self._node = node

    async def run(self, context: Context, arguments: Sequence[str]) -> int:
        """`toolbox.context.Program`."""
        if not arguments or arguments[0] in ("-h", "--help", "help", "h"):
            context.say(_overview())
            return 0
        name = _ALIASES.get(arguments[0], arguments[0])
        command = COMMANDS.get(name)
        if command is None:
            return _unknown(context, name)
        if arguments[1:2] in (["-h"], ["--help"]):
            context.say(_help(name, command))
            return 0
        try:
            given = flags.parse(command.known, arguments[1:])
        except FlagError as error:
            context.say(f"Incorrect Usage: {error}\n\n{_help(name, command)}")
            return _fail(context, str(error))
        return await self._run(context, name, command, given)

    async def _run(self, context: Context, name: str, command: _Command, given: flags.Parsed) -> int:
        if context.root.find(SOCKET).host != self._socket:
            return _fail(context, _nobody_answers())
        call = Call(self._node(), context, given)
        if not _has_target(call, command.least):
            context.say(_help(name, command))
            return 0
        try:
            await command.run(call)
        except ExitError as error:
            context.complain(str(error))
            return 1
        except CrictlError as error:
            return _fail(context, str(error))
        return 0


def _fail(context: Context, message: str) -> int:
    context.complain(speech.error(message, context.clock.now(), terminal=context.terminal is not None))
    return 1


def _unknown(context: Context, name: str) -> int:
    if name in _OTHERS:
        return _fail(context, f"{name} is not supported by the lab's crictl")
    if name.startswith("-"):
        return _fail(context, f"flag provided but not defined: -{name.lstrip('-')}")
    context.say(f"No help topic for '{name}'\n")
    return 3


def _nobody_answers() -> str:
    return (
        'validate service connection: validate CRI v1 runtime API for endpoint "unix:///run/crio/crio.sock": rpc error: '
        'code = Unavailable desc = connection error: desc = "transport: Error while dialing: dial unix '
        '/run/crio/crio.sock: connect: no such file or directory"'
    )


def _help(name: str, command: _Command) -> str:
    return flags.help_text(name, command.purpose, command.usage, command.known)


def _overview() -> str:
    width = max(map(len, COMMANDS))
    rows = "".join(f"   {name:{width}}  {command.purpose}\n" for name, command in sorted(COMMANDS.items()))
    return (
        "NAME:\n   crictl - client for CRI\n\nUSAGE:\n   crictl [global options] command [command options]\n\n"
        f"COMMANDS:\n{rows}"
    )
