"""The verbs, and how one of them is run. The module of a verb is imported when it is asked for."""

import importlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pullscope.base.clock import Clock
from pullscope.clusters import kubeconfig, transport
from pullscope.clusters.cluster import Cluster
from pullscope.kube.status import ApiError
from pullscope.oc import arguments, errors
from pullscope.oc.arguments import Arguments, Flags
from pullscope.oc.console import Console
from pullscope.oc.errors import OcError
from pullscope.oc.session import Session

ELSEWHERE = """\
The real oc has them all: https://mirror.openshift.com/pub/openshift-v4/clients/ocp/ (with OpenShift Local: `crc oc-env`).\
"""

_Work = Callable[[Session, Arguments], Awaitable[int]]


@dataclass(frozen=True)
class Verb:
    """One command: how to use it, its module here, and of that module its `Flags` (None: no flag) and what it does.

    What it does is `async (Session, Arguments) -> int`, or `async (Arguments, Console, Clock) -> int` of a `lonely` one,
    which needs no kubeconfig.
    """

    usage: str
    module: str
    flags: str | None = "FLAGS"
    run: str = "run"
    lonely: bool = False

    def load(self) -> tuple[Flags, Callable[..., Awaitable[int]]]:
        """Its flags and what it does."""
        module = importlib.import_module(f"pullscope.oc.{self.module}")
        return (getattr(module, self.flags) if self.flags else Flags()), getattr(module, self.run)


VERBS: Mapping[str, Verb] = {
    "login": Verb("login -u NAME [-p PASSWORD] | --token=TOKEN [SERVER]", "signin", lonely=True),
    "logout": Verb("logout", "signin", None, run="logout"),
    "whoami": Verb("whoami [-t] [-c] [--show-server]", "whoami"),
    "project": Verb("project [NAME]", "projects", "SHORT", run="project"),
    "projects": Verb("projects", "projects", "SHORT", run="projects"),
    "new-project": Verb("new-project NAME [--display-name=] [--description=]", "projects", "NEW", run="new_project"),
    "status": Verb("status", "status", None),
    "get": Verb("get TYPE[/NAME] [NAME …] [-A] [-l] [-o wide|yaml|json|name] [-w]", "get"),
    "apply": Verb("apply -f FILE", "apply"),
    "patch": Verb("patch TYPE NAME -p PATCH [--type=strategic|merge|json]", "patch"),
    "delete": Verb("delete TYPE NAME | -f FILE | TYPE -l SELECTOR [--wait=false]", "delete"),
    "logs": Verb("logs [-f] POD | deployment/NAME | build/NAME | bc/NAME", "logs"),
    "create": Verb("create imagestream NAME", "create"),
    "tag": Verb("tag SOURCE STREAM:TAG | -d STREAM:TAG", "tag"),
    "import-image": Verb("import-image NAME[:TAG] [--from=IMAGE] [--confirm] [--all]", "importimage"),
    "new-build": Verb("new-build --image-stream=NAME:TAG --binary [--name=NAME]", "newbuild"),
    "start-build": Verb("start-build NAME [--from-dir=DIR|--from-file=FILE] [--follow] [--wait]", "startbuild"),
    "new-app": Verb("new-app STREAM[:TAG] [--name=NAME]", "newapp"),
    "debug": Verb("debug node/NAME|KIND/NAME [-- COMMAND …]", "debug"),
    "rsh": Verb("rsh POD [COMMAND …]", "execute", "RSH", run="shell"),
    "exec": Verb("exec [-i] [-t] POD -- COMMAND …", "execute", "EXEC"),
    "registry": Verb("registry login [--to=FILE] [--registry=HOST]", "registry"),
    "adm": Verb("adm prune images [--keep-tag-revisions=3] [--keep-younger-than=60m] [--confirm]", "prune"),
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
    flags, work = verb.load()
    parsed = arguments.parse([*before, *given], flags)
    if parsed.on("help"):
        console.out(f"Usage:\n  pullscope oc {verb.usage}")
        return 0
    if verb.lonely:
        return await work(parsed, console, clock)
    return await _with_session(work, parsed, console, clock)


def _split(words: list[str]) -> tuple[list[str], str, list[str]]:
    """The flags before the verb, the verb (empty without one), what follows it."""
    takes = {f"-{short}" for each in arguments.GLOBAL.values for short in each.split("/")[:-1]}
    takes |= {f"--{each.rpartition('/')[2]}" for each in arguments.GLOBAL.values}
    at = 0
    while at < len(words) and words[at].startswith("-"):
        at += 2 if words[at] in takes else 1
    return words[:at], words[at] if at < len(words) else "", words[at + 1 :]


async def _with_session(work: _Work, parsed: Arguments, console: Console, clock: Clock) -> int:
    path = Path(parsed.text("kubeconfig")) if parsed.text("kubeconfig") else None
    context = kubeconfig.choose(path, parsed.text("context") or None)
    access = await kubeconfig.load(path, context.name)
    named = parsed.text("namespace")
    namespace = named or context.namespace or "default"
    async with transport.open_transport(access, lambda text: console.err(f"Warning: {text}")) as opened:
        session = Session(
            opened, Cluster(opened), access, context, namespace, bool(named), console, clock, kubeconfig=path
        )
        return await work(session, parsed)


def usage() -> str:
    """What `pullscope oc --help` prints."""
    verbs = "\n".join(f"  pullscope oc {VERBS[name].usage}" for name in VERBS)
    head = "The tutorial's commands for machines without oc: a thin client of the cluster of your current context."
    flags = "Flags of every command: -n/--namespace, --context, --kubeconfig, -h/--help."
    return f"{head}\n\nUsage:\n{verbs}\n\n{flags}\n\n{ELSEWHERE}"
