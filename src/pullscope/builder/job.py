"""One container of a build's pod at work: the Build that it was told of, its directories, its credentials.

What the container is told may be told to any container: nothing here goes by it alone. Who it is says the pod's token, what
it may pull and push its secrets, and files are those that the pod itself sees.
"""

import posixpath
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from pullscope.builder.failing import BuildError
from pullscope.kube import resources
from pullscope.kube.api import Api, Object
from pullscope.kube.status import ApiError
from pullscope.oci.platform import Platform
from pullscope.oci.reference import Reference
from pullscope.openshift import builder, buildreasons, buildspec
from pullscope.openshift.buildreasons import Reason
from pullscope.pull import keyring
from pullscope.pull.keyring import KeyringError
from pullscope.remote.registries import Login, Registries
from pullscope.runtime.toolbox.context import Context

_TRIES = 5
_LARGEST_SECRET = 1 << 20  # bytes; what the API takes
_CREDENTIALS: tuple[tuple[str, Callable[[Any], Any]], ...] = (
    (".dockerconfigjson", lambda config: config),
    (".dockercfg", lambda config: {"auths": config}),
)


@dataclass(frozen=True)
class Powers:
    """What a lab lends to the programs of builds.

    `connect` gives the API as whoever holds a token (raises ApiError), `platforms` says for which machines images are.
    """

    connect: Callable[[str], Api]
    registries: Registries
    platforms: Sequence[Platform]


class Job:
    """The work of one container."""

    def __init__(self, powers: Powers, context: Context) -> None:
        """Raises BuildError when the container was told of no build."""
        self.powers = powers
        self.context = context
        self.build = _build(context.env.get(builder.BUILD, ""))
        self.spec: Object = self.build["spec"]
        self.strategy: Object = buildspec.strategy(self.spec)[1]

    def say(self, text: str) -> None:
        """Write a line to the build's log."""
        self.context.say(f"{text}\n")

    def writable(self, path: str) -> Path:
        """Where a path of the container is on this machine, if it is in a volume that may be written to."""
        found = self.context.root.find(path)
        if found.readonly:
            raise BuildError(buildreasons.GENERIC, f"open {path}: read-only file system")
        return found.host

    @property
    def inputs(self) -> str:
        """The directory in the container whose files are built."""
        return posixpath.join(builder.INPUTS, self.spec["source"].get("contextDir") or "").rstrip("/")

    def source(self) -> Path:
        """That directory on this machine. Raises BuildError when the upload has no such directory."""
        found = self.context.root.find(self.inputs)
        inside = found.path == builder.INPUTS or found.path.startswith(f"{builder.INPUTS}/")
        if not inside or not found.host.is_dir():
            missing = self.spec["source"].get("contextDir") or builder.INPUTS
            raise BuildError(buildreasons.CONTEXT_DIRECTORY, f"provided context directory does not exist: {missing}")
        return found.host

    def login(self, directory: str, name: Reference) -> Login | None:
        """The credentials for an image that the pod has in a directory. Raises BuildError when they cannot be read."""
        for file, config_of in _CREDENTIALS:
            found = self.context.root.find(f"{directory}/{file}")
            if not found.host.is_file():
                continue
            try:
                known = keyring.of_config(config_of(orjson.loads(_start(found.host))))
            except (KeyringError, orjson.JSONDecodeError) as error:
                raise BuildError(buildreasons.GENERIC, f"'{directory}/{file}': {error}") from error
            for credential in keyring.lookup(known, name.name):
                return Login(credential.username, credential.password)
        return None

    async def report(self, change: Callable[[Object], None]) -> None:
        """Let the Build's status say this too. Raises ApiError."""
        token = self.context.root.find(builder.TOKEN).host
        api = self.powers.connect(_start(token).decode(errors="replace").strip())
        place = (self.build["metadata"]["namespace"], self.build["metadata"]["name"])
        for _ in range(_TRIES):
            build = await api.get(resources.BUILDS, *place)
            change(build["status"])
            try:
                await api.update(resources.BUILDS, place[0], build, subresource="details")
            except ApiError as error:
                if error.reason != "Conflict":
                    raise
            else:
                return

    async def fail(self, reason: Reason) -> None:
        """Let the Build say why it failed; when that cannot be said either, the log tells."""

        def failed(status: Object) -> None:
            status |= {"phase": "Failed", "reason": reason.name, "message": reason.message}

        try:
            await self.report(failed)
        except (ApiError, OSError) as error:
            self.context.complain(f"error: An error occurred updating the build status: {error}")


def _build(text: str) -> Object:
    """The Build in the variable, which has a Build's form if the build controller made it."""
    try:
        build: Object = orjson.loads(text)
        for part in (build["metadata"]["name"], build["metadata"]["namespace"]):
            str(part)
        buildspec.strategy(build["spec"])
        build["spec"]["source"].get("contextDir")
        build["spec"]["output"].get("to")
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise BuildError(buildreasons.NONE, f"unable to parse build: {error}") from error
    return build


def _start(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_LARGEST_SECRET)
