"""The verbs, and how one of them is run."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pullscope.base.clock import Clock
from pullscope.clusters import kubeconfig, transport
from pullscope.clusters.cluster import Cluster
from pullscope.kube.status import ApiError
from pullscope.oc import (
    apply,
    arguments,
    create,
    debug,
    delete,
    errors,
    execute,
    get,
    importimage,
    logs,
    newapp,
    newbuild,
    patch,
    projects,
    signin,
    startbuild,
    status,
    tag,
    whoami,
)
from pullscope.oc.arguments import Arguments, Flags
from pullscope.oc.console import Console
from pullscope.oc.errors import OcError
from pullscope.oc.session import Session

ELSEWHERE = """\
The real oc has them all: https://mirror.openshift.com/pub/openshift-v4/clients/ocp/ (with OpenShift Local: `crc oc-env`).\
"""


@dataclass(frozen=True)
class Verb:
    """One command: its flags, what it does, and how to use it."""

    usage: str
    flags: Flags
    run: Callable[[Session, Arguments], Awaitable[int]]


@dataclass(frozen=True)
class Lonely:
    """A command that needs no kubeconfig."""

    usage: str
    flags: Flags
    run: Callable[[Arguments, Console, Clock], Awaitable[int]]


VERBS: Mapping[str, Verb | Lonely] = {
    "login": Lonely("login -u NAME [-p PASSWORD] | --token=TOKEN [SERVER]", signin.FLAGS, signin.run),
    "logout": Verb("logout", Flags(), signin.logout),
    "whoami": Verb("whoami [-t] [-c] [--show-server]", whoami.FLAGS, whoami.run),
    "project": Verb("project [NAME]", Flags(switches=("q/short",)), projects.project),
    "projects": Verb("projects", Flags(switches=("q/short",)), projects.projects),
    "new-project": Verb("new-project NAME [--display-name=] [--description=]", projects.NEW, projects.new_project),
    "status": Verb("status", Flags(), status.run),
    "get": Verb("get TYPE[/NAME] [NAME …] [-A] [-l] [-o wide|yaml|json|name] [-w]", get.FLAGS, get.run),
    "apply": Verb("apply -f FILE", apply.FLAGS, apply.run),
    "patch": Verb("patch TYPE NAME -p PATCH [--type=strategic|merge|json]", patch.FLAGS, patch.run),
    "delete": Verb("delete TYPE NAME | -f FILE | TYPE -l SELECTOR [--wait=false]", delete.FLAGS, delete.run),
    "logs": Verb("logs [-f] POD | deployment/NAME | build/NAME | bc/NAME", logs.FLAGS, logs.run),
    "create": Verb("create imagestream NAME", create.FLAGS, create.run),
    "tag": Verb("tag SOURCE STREAM:TAG | -d STREAM:TAG", tag.FLAGS, tag.run),
    "import-image": Verb(
        "import-image NAME[:TAG] [--from=IMAGE] [--confirm] [--all]", importimage.FLAGS, importimage.run
    ),
    "new-build": Verb("new-build --image-stream=NAME:TAG --binary [--name=NAME]", newbuild.FLAGS, newbuild.run),
    "start-build": Verb(
        "start-build NAME [--from-dir=DIR|--from-file=FILE] [--follow] [--wait]", startbuild.FLAGS, startbuild.run
    ),
    "new-app": Verb("new-app STREAM[:TAG] [--name=NAME]", newapp.FLAGS, newapp.run),
    "debug": Verb("debug node/NAME [-- COMMAND …]", debug.FLAGS, debug.run),
    "rsh": Verb("rsh POD [COMMAND …]", execute.RSH, execute.shell),
    "exec": Verb("exec [-i] [-t] POD -- COMMAND …", execute.EXEC, execute.run),
}


async def run(words: Sequence[str], console: Console, clock: Clock) -> int:
    """Do what `words` say and return the exit code. Raises UnreachableError."""
    try:
        return await _run(list(words), console, clock)
    except ApiError as error:
        console.err(errors.told(error))
    except OcError as error:
        console.err(f"error: {error.message}")
    return 1


async def _run(words: list[str], console: Console, clock: Clock) -> int:
    before, name, given = _split(words)
    if not name or name == "help":
        console.out(usage())
        return 0
    if name not in VERBS:
        raise OcError(f'unknown command "{name}" for "pullscope oc"\n\n{ELSEWHERE}')
    verb = VERBS[name]
    parsed = arguments.parse([*before, *given], verb.flags)
    if parsed.on("help"):
        console.out(f"Usage:\n  pullscope oc {verb.usage}")
        return 0
    if isinstance(verb, Lonely):
        return await verb.run(parsed, console, clock)
    return await _with_session(verb, parsed, console, clock)


def _split(words: list[str]) -> tuple[list[str], str, list[str]]:
    """The flags before the verb, the verb (empty without one), what follows it."""
    takes = {f"-{short}" for each in arguments.GLOBAL.values for short in each.split("/")[:-1]}
    takes |= {f"--{each.rpartition('/')[2]}" for each in arguments.GLOBAL.values}
    at = 0
    while at < len(words) and words[at].startswith("-"):
        at += 2 if words[at] in takes else 1
    return words[:at], words[at] if at < len(words) else "", words[at + 1 :]


async def _with_session(verb: Verb, parsed: Arguments, console: Console, clock: Clock) -> int:
    path = Path(parsed.text("kubeconfig")) if parsed.text("kubeconfig") else None
    context = kubeconfig.choose(path, parsed.text("context") or None)
    access = await kubeconfig.load(path, context.name)
    named = parsed.text("namespace")
    namespace = named or context.namespace or "default"
    async with transport.open_transport(access, lambda text: console.err(f"Warning: {text}")) as opened:
        session = Session(
            opened, Cluster(opened), access, context, namespace, bool(named), console, clock, kubeconfig=path
        )
        return await verb.run(session, parsed)


def usage() -> str:
    """What `pullscope oc --help` prints."""
    verbs = "\n".join(f"  pullscope oc {VERBS[name].usage}" for name in VERBS)
    head = "The tutorial's commands for machines without oc: a thin client of the cluster of your current context."
    flags = "Flags of every command: -n/--namespace, --context, --kubeconfig, -h/--help."
    return f"{head}\n\nUsage:\n{verbs}\n\n{flags}\n\n{ELSEWHERE}"
