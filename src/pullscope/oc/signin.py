"""`oc login` and `oc logout`: the screen and the kubeconfig; how a token is had is in `login`.

Upstream: openshift/oc release 4.22 pkg/cli/login (loginoptions.go) and pkg/cli/logout.
"""

import base64
import getpass
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import aiohttp

from pullscope.base.clock import Clock
from pullscope.base.errors import UnreachableError
from pullscope.clusters import kubeconfig, transport
from pullscope.clusters.cluster import Cluster
from pullscope.clusters.kubeconfig import Access, Context
from pullscope.kube.resources import PROJECTS
from pullscope.kube.status import ApiError
from pullscope.oc import kubefile, login, whoami
from pullscope.oc.arguments import Arguments, Flags
from pullscope.oc.console import Console
from pullscope.oc.errors import OcError
from pullscope.oc.login import LoginFailedError
from pullscope.oc.session import Session

FLAGS = Flags(
    values=("u/username", "p/password", "token", "s/server", "certificate-authority"),
    switches=("insecure-skip-tls-verify",),
)
_MOST = 50  # projects that are listed
_UNTRUSTED = (
    "The server uses a certificate signed by unknown authority. You may need to use the --certificate-authority flag to "
    "provide the path to a certificate file for the certificate authority, or --insecure-skip-tls-verify to bypass the "
    "certificate check and use insecure connections."
)


async def run(arguments: Arguments, console: Console, clock: Clock) -> int:
    """Log in and remember it in the kubeconfig, as the current context."""
    path = Path(arguments.text("kubeconfig")) if arguments.text("kubeconfig") else None
    access = _toward(arguments, path)
    if not access.verify:
        console.out("WARNING: Using insecure TLS client config. Setting this option is not supported!\n")
    try:
        token = arguments.text("token") or await _token(arguments, access)
        return await _enter(arguments, replace(access, authorization=f"Bearer {token}"), console, clock)
    except LoginFailedError as error:
        console.out(f"{error.message}\n{error.hint}")
        return 1
    except UnreachableError as error:
        if isinstance(error.__cause__, aiohttp.ClientConnectorCertificateError):
            raise OcError(_UNTRUSTED) from error
        raise


def _toward(arguments: Arguments, path: Path | None) -> Access:
    """The server that is meant, and how to trust it: as a flag says, or as the kubeconfig knows it. Raises OcError."""
    given = arguments.text("server") or next(iter(arguments.words), "")
    server = given if not given or "://" in given else f"https://{given}"
    try:
        access = kubeconfig.toward(path, server.rstrip("/"))
    except UnreachableError:
        if not server:
            raise
        access = Access(server.rstrip("/"))
    if arguments.text("certificate-authority"):
        access = replace(access, ca=_read(arguments.text("certificate-authority")))
    return replace(access, verify=access.verify and not arguments.on("insecure-skip-tls-verify"))


def _read(name: str) -> bytes:
    try:
        return Path(name).read_bytes()
    except OSError as error:
        raise OcError(f"unable to read {name}: {error.strerror}") from error


async def _token(arguments: Arguments, access: Access) -> str:
    user = arguments.text("username")
    if not user:
        raise OcError("a user name is needed: -u NAME, or a token: --token=TOKEN")
    password = arguments.text("password") if arguments.all("password") else getpass.getpass()
    return await login.token(access, user, password)


async def _enter(arguments: Arguments, access: Access, console: Console, clock: Clock) -> int:
    async with transport.open_transport(access) as http:
        context = Context("", kubefile.nickname(access.server), "", "")
        session = Session(http, Cluster(http), access, context, "", False, console, clock)
        try:
            user = await whoami.user_name(session)
        except ApiError as error:
            if error.code != 401:
                raise
            raise OcError("The token provided is invalid or expired.\n") from error
        names = await _projects(session)
    path = Path(arguments.text("kubeconfig")) if arguments.text("kubeconfig") else None
    current = _chosen(names, path)
    await _remember(kubefile.target(path), access, user, current, clock)
    if arguments.text("token"):
        console.out(f'Logged into "{access.server}" as "{user}" using the token provided.\n')
    else:
        console.out("Login successful.\n")
    console.out(listed(names, current))
    return 0


async def _projects(session: Session) -> list[str] | None:
    """The names of the user's projects; None for a server without projects."""
    try:
        return sorted(each["metadata"]["name"] for each in (await session.cluster.list(PROJECTS)).items)
    except ApiError as error:
        if error.code not in (403, 404):
            raise
        return None


def _chosen(names: Sequence[str] | None, path: Path | None) -> str:
    """The project to begin with: the one that was current, else `default`, else the first."""
    try:
        current = kubeconfig.choose(path, None).namespace
    except UnreachableError:
        current = ""
    wanted = [name for name in (current, "default") if name in (names or ())]
    return (wanted or list(names or ()) or ["default"])[0]


def listed(names: Sequence[str] | None, current: str) -> str:
    """What is said of the projects after a login."""
    if names is None:
        return f'Using "{current}" namespace.'
    if not names:
        return "You don't have any projects. You can try to create a new project, by running\n\n    oc new-project <projectname>\n"
    using = f'Using project "{current}".'
    if len(names) == 1:
        return f'You have one project on this server: "{names[0]}"\n\n{using}'
    if len(names) > _MOST:
        many = f"You have access to {len(names)} projects, the list has been suppressed."
        return f"{many} You can list all projects with 'oc projects'\n\n{using}"
    head = "You have access to the following projects and can switch between them with 'oc project <projectname>':"
    lines = "\n".join(f"  {'*' if name == current else ' '} {name}" for name in names)
    return f"{head}\n\n{lines}\n\n{using}"


async def _remember(path: Path, access: Access, user: str, project: str, clock: Clock) -> None:
    nick = kubefile.nickname(access.server)
    cluster: kubefile.Document = {"server": access.server}
    if access.ca:
        cluster["certificate-authority-data"] = base64.b64encode(access.ca).decode()
    if not access.verify:
        cluster["insecure-skip-tls-verify"] = True
    token = (access.authorization or "").removeprefix("Bearer ")

    def edit(document: kubefile.Document) -> None:
        kubefile.keep(document, "cluster", nick, cluster)
        kubefile.keep(document, "user", f"{user}/{nick}", {"token": token})
        context = f"{project}/{nick}/{user}"
        kubefile.keep(document, "context", context, {"cluster": nick, "namespace": project, "user": f"{user}/{nick}"})
        document["current-context"] = context

    await kubefile.change(path, edit, clock)


async def logout(session: Session, arguments: Arguments) -> int:
    """End the login: the server forgets the token, and so does the kubeconfig."""
    if arguments.words:
        raise OcError("No arguments are allowed")
    scheme, _, token = (session.access.authorization or "").partition(" ")
    if scheme != "Bearer" or not token:
        raise OcError("You must have a token in order to logout.")
    user = await whoami.user_name(session)
    await login.forget(session.http, token)

    def edit(document: kubefile.Document) -> None:
        for entry in document.get("users") or []:
            if entry["name"] == session.context.user:
                entry["user"].pop("token", None)

    for path in kubeconfig.locate(session.kubeconfig):
        await kubefile.change(path, edit, session.clock)
    session.console.out(f'Logged "{user}" out on "{session.access.server}"')
    return 0
