"""`oc exec` and `oc rsh`: a command in a container that runs.

Upstream: k8s.io/kubectl v0.36 pkg/cmd/exec/exec.go, openshift/oc release 4.22 pkg/cli/rsh/rsh.go.
"""

from collections.abc import Sequence

from pullscope.clusters import streams
from pullscope.kube.api import Object
from pullscope.kube.resources import PODS
from pullscope.kube.streams import StreamError, StreamOptions
from pullscope.oc import pods, terminal
from pullscope.oc.arguments import Arguments, Flags
from pullscope.oc.errors import OcError
from pullscope.oc.session import Session

EXEC = Flags(values=("c/container",), switches=("i/stdin", "t/tty"))
RSH = Flags(values=("c/container", "shell"), switches=("t/tty", "T/no-tty"), leading=True)


async def run(session: Session, arguments: Arguments) -> int:
    """`exec POD [flags] -- COMMAND`: the command's exit code."""
    if not arguments.words:
        raise OcError("pod, type/name or --filename must be specified")
    if len(arguments.words) > 1:
        raise OcError("exec [POD] [COMMAND] is not supported anymore. Use exec [POD] -- [COMMAND] instead")
    if not arguments.after:
        raise OcError("you must specify at least one command for the container")
    stdin = arguments.on("stdin")
    tty = arguments.on("tty") and stdin and terminal.is_terminal(session.console)
    if arguments.on("tty") and not tty:
        session.console.err("Unable to use a TTY - input is not a terminal or the right kind of file")
    return await _start(session, arguments, arguments.words[0], arguments.after, stdin=stdin, tty=tty)


async def shell(session: Session, arguments: Arguments) -> int:
    """`rsh POD [COMMAND …]`: a shell, or the command, joined to the user's terminal."""
    if not arguments.words:
        raise OcError("rsh requires a single Pod to connect to")
    word, *given = arguments.words
    command = given[given[:1] == ["--"] :] or ["/bin/sh", "-c", f'TERM="xterm" {arguments.text("shell", "/bin/sh")}']
    tty = terminal.is_terminal(session.console) and not arguments.on("no-tty")
    return await _start(session, arguments, word, command, stdin=True, tty=tty)


async def _start(
    session: Session, flags: Arguments, word: str, command: Sequence[str], *, stdin: bool, tty: bool
) -> int:
    pod = await pods.of_word(session, word)
    _check(pod)
    container = flags.text("container") or pods.default_container(session, pod)
    options = StreamOptions(container, tuple(command), stdin=stdin, stdout=True, stderr=not tty, tty=tty)
    where = PODS.path(session.namespace, pod["metadata"]["name"])
    try:
        async with streams.execute(session.http, where, options) as stream:
            code = await terminal.join(stream, session.console, stdin=stdin, tty=tty)
    except StreamError as error:
        raise OcError(str(error)) from error
    if code:
        session.console.err(f"command terminated with exit code {code}")
    return code


def _check(pod: Object) -> None:
    phase = pod.get("status", {}).get("phase")
    if phase in ("Succeeded", "Failed"):
        raise OcError(f"cannot exec into a container in a completed pod; current phase is {phase}")
