"""`oc project`, `oc projects`, `oc new-project`.

Upstream: openshift/oc release 4.22 pkg/cli/project and pkg/cli/requestproject.
"""

from pullscope.kube.api import Object
from pullscope.kube.resources import NAMESPACES, PROJECT_REQUESTS, PROJECTS
from pullscope.kube.status import ApiError
from pullscope.oc import kubefile, whoami
from pullscope.oc.arguments import Arguments, Flags
from pullscope.oc.errors import OcError
from pullscope.oc.session import Session

SHORT = Flags(switches=("q/short",))
NEW = Flags(values=("display-name", "description"), switches=("skip-config-write",))
_HINTS = """
You can add applications to this project with the 'new-app' command. For example, try:

    oc new-app rails-postgresql-example

to build a new example application in Ruby. Or use kubectl to deploy a simple Kubernetes application:

    kubectl create deployment hello-node --image=registry.k8s.io/e2e-test-images/agnhost:2.43 -- /agnhost serve-hostname
"""


async def project(session: Session, arguments: Arguments) -> int:
    """Show the current project, or make another one current."""
    server = session.access.server
    if not arguments.words:
        shown = (
            session.namespace if arguments.on("short") else f'Using project "{session.namespace}" on server "{server}".'
        )
        session.console.out(shown)
        return 0
    if len(arguments.words) > 1:
        raise OcError("Only one argument is supported (project name or context name).")
    (name,) = arguments.words
    await _check(session, name)
    already = session.namespace == name
    await use(session, name)
    if arguments.on("short"):
        session.console.out(name)
    else:
        session.console.out(f'{"Already on" if already else "Now using"} project "{name}" on server "{server}".')
    return 0


async def _check(session: Session, name: str) -> None:
    """Raises OcError with the projects that there are when `name` is not among them."""
    try:
        await session.cluster.get(PROJECTS, None, name)
    except ApiError as error:
        if error.code not in (403, 404):
            raise
    else:
        return
    try:
        await session.cluster.get(NAMESPACES, None, name)
    except ApiError as error:
        if error.code not in (403, 404):
            raise
        missing = f'A project named "{name}" does not exist on "{session.access.server}".'
        raise OcError("\n".join([missing, *await _choices(session)])) from error


async def _choices(session: Session) -> list[str]:
    found = sorted((each["metadata"]["name"], _display(each)) for each in (await session.cluster.list(PROJECTS)).items)
    if not found:
        return [
            "You are not a member of any projects. You can request a project to be created with the 'new-project' command."
        ]
    lines = (f"* {display} ({name})" if display else f"* {name}" for name, display in found)
    return ["Your projects are:", *lines]


def _display(each: Object) -> str:
    display = str((each["metadata"].get("annotations") or {}).get("openshift.io/display-name", ""))
    return "" if display == each["metadata"]["name"] else display


async def use(session: Session, name: str) -> None:
    """Make a project the current one: a context of its own, for the same cluster and user."""
    user = (await whoami.user_name(session)).partition("/")[0]
    context = f"{name}/{kubefile.nickname(session.access.server)}/{user}"

    def edit(document: kubefile.Document) -> None:
        value = {"cluster": session.context.cluster, "namespace": name, "user": session.context.user}
        kubefile.keep(document, "context", context, value)
        document["current-context"] = context

    await kubefile.change(kubefile.target(session.kubeconfig), edit, session.clock)


async def projects(session: Session, arguments: Arguments) -> int:
    """List the projects, the current one marked."""
    found = sorted((await session.cluster.list(PROJECTS)).items, key=lambda each: str(each["metadata"]["name"]))
    if arguments.on("short"):
        for each in found:
            session.console.out(each["metadata"]["name"])
        return 0
    for line in listed(found, session.namespace, session.access.server):
        session.console.out(line)
    return 0


def listed(found: list[Object], current: str, server: str) -> list[str]:
    """What `oc projects` says."""
    using = f'Using project "{current}" on server "{server}".'
    names = [each["metadata"]["name"] for each in found]
    match names:
        case []:
            return [
                "You are not a member of any projects. You can request a project to be created with the 'new-project' command."
            ]
        case [name]:
            return [f'You have one project on this server: "{name}".', "", using]
    head = "You have access to the following projects and can switch between them with ' project <projectname>':"
    lines = [
        f"  {'*' if each['metadata']['name'] == current else ' '} {each['metadata']['name']}"
        + (f" - {_display(each)}" if _display(each) else "")
        for each in found
    ]
    return [head, "", *lines, "", using]


async def new_project(session: Session, arguments: Arguments) -> int:
    """Ask for a project and make it the current one."""
    if len(arguments.words) != 1:
        raise OcError("must have exactly one argument")
    (name,) = arguments.words
    await session.read(PROJECT_REQUESTS.path())
    request = {
        "apiVersion": PROJECT_REQUESTS.api_version,
        "kind": PROJECT_REQUESTS.kind,
        "metadata": {"name": name},
        "displayName": arguments.text("display-name"),
        "description": arguments.text("description"),
    }
    await session.send("POST", PROJECT_REQUESTS.path(), request)
    if arguments.on("skip-config-write"):
        session.console.out(f'Project "{name}" created on server "{session.access.server}".')
        return 0
    await use(session, name)
    session.console.out(f'Now using project "{name}" on server "{session.access.server}".\n{_HINTS}')
    return 0
