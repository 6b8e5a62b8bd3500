"""What a lab was made with, and what `up` may still change about it. Decisions; `state` keeps them in `lab.json`."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from pullscope import __version__
from pullscope.base.errors import PullscopeError, UsageError
from pullscope.lab import names
from pullscope.lab.documents import Document

SCHEMA = "pullscope.lab/v1"


# Settings of the nodes, which any start may change, and what people call them.
_OF_NODES = {
    "kubernetes_version": "nodes of Kubernetes",
    "runtime_flavour": "the runtime",
    "kubelet_config": "a kubelet configuration",
    "image_disk": "disks for images of",
    "pinned_images": "pinned images",
}
_NONE = {
    "kubelet_config": "no kubelet configuration",
    "image_disk": "endless disks for images",
    "pinned_images": "no pinned images",
}


class OtherReleaseError(PullscopeError):
    """The lab's directory was written by another release."""


@dataclass(frozen=True)
class Settings:
    """A lab's own: the same at every start, until `up` is told otherwise. An `ephemeral` lab is deleted when it stops.

    `kubernetes_version`, `runtime_flavour`, `kubelet_config` (JSON), `image_disk` and `pinned_images` (patterns, between commas) are those of
    its nodes: see `kubelets`.
    """

    nodes: int = 1
    always_pull_images: bool = False
    ephemeral: bool = False
    mirrors: tuple[str, ...] = ()
    tutorial: bool = False
    kubernetes_version: str = "1.36"
    runtime_flavour: str = "crio"
    kubelet_config: str = ""
    image_disk: str = ""
    pinned_images: str = ""


@dataclass(frozen=True)
class Wanted:
    """What was asked for at `up`; None leaves it to the lab. `pull_secret` is the path of a file, `clock` as in `clocks`."""

    api_port: int | None = None
    registry_port: int | None = None
    nodes: int | None = None
    always_pull_images: bool | None = None
    ephemeral: bool = False
    mirrors: Sequence[str] | None = None
    pull_secret: str | None = None
    tutorial: bool = False
    clock: str | None = None
    kubernetes_version: str | None = None
    runtime_flavour: str | None = None
    kubelet_config: str | None = None
    image_disk: str | None = None
    pinned_images: str | None = None


def decide(name: str, before: Settings | None, wanted: Wanted) -> Settings:
    """What the lab is to be made with, `before` being what it was last (None: there is none yet). Raises UsageError."""
    settings = before or Settings(ephemeral=wanted.ephemeral)
    if wanted.nodes is not None:
        names.of_nodes(wanted.nodes)
        if before and wanted.nodes < before.nodes:
            raise UsageError(
                f"the lab {name} has {_counted(before.nodes)}: more can be added, none taken away",
                hint="`kubectl cordon` or `kubectl drain` makes one unused; a smaller lab begins with `pullscope delete`",
            )
        settings = replace(settings, nodes=wanted.nodes)
    if wanted.ephemeral and not settings.ephemeral:
        raise UsageError(
            f"the lab {name} is there, and is kept", hint="delete it first, or choose another name with --name"
        )
    if wanted.always_pull_images is not None:
        settings = replace(settings, always_pull_images=wanted.always_pull_images)
    nodes = {name: value for name in _OF_NODES if (value := getattr(wanted, name)) is not None}
    settings = replace(settings, **nodes)
    if wanted.tutorial:
        settings = replace(settings, tutorial=True)
    if wanted.mirrors is not None:
        settings = replace(settings, mirrors=tuple(rule for rule in wanted.mirrors if _is_rule(rule)))
    return settings


def _is_rule(text: str) -> bool:
    """Whether it is a mirror's rule; nothing takes those away that there were. Raises UsageError."""
    from pullscope.pull import mirrors  # noqa: PLC0415 (few labs have any)

    try:
        return bool(text) and mirrors.parse(text) is not None
    except mirrors.InvalidMirrorError as error:
        hint = "for example --mirror registry.redhat.io=127.0.0.1:5000/redhat"
        raise UsageError(str(error), hint=hint) from error


def check_running(running: Document, settings: Settings, wanted: Wanted) -> None:
    """Whether the lab that runs is the one that is wanted. Raises UsageError that names the first difference."""
    pairs = (("API server", wanted.api_port, "server"), ("registry", wanted.registry_port, "registry"))
    differences = [
        f"its {what} at {running[field]}"
        for what, port, field in pairs
        if port is not None and not running[field].endswith(f":{port}")
    ]
    if wanted.nodes not in (None, settings.nodes):
        differences.append(_counted(settings.nodes))
    if wanted.always_pull_images not in (None, settings.always_pull_images):
        differences.append(f"AlwaysPullImages {'on' if settings.always_pull_images else 'off'}")
    if wanted.mirrors is not None and tuple(filter(None, wanted.mirrors)) != settings.mirrors:
        differences.append(f"mirrors {', '.join(settings.mirrors)}" if settings.mirrors else "no mirrors")
    if wanted.tutorial and not settings.tutorial:
        differences.append("no stand-in for the tutorial's base image")
    if wanted.clock not in (None, running["clock"]):
        differences.append(_clock(running["clock"]))
    different = [name for name in _OF_NODES if getattr(wanted, name) not in (None, getattr(settings, name))]
    differences += [_of_nodes(name, getattr(settings, name)) for name in different]
    if wanted.pull_secret is not None:
        differences.append("the pull secret that it started with")
    if wanted.ephemeral and not settings.ephemeral:
        differences.append("a state that is kept")
    if differences:
        message = f"the lab {running['name']} is already running, with {differences[0]}"
        raise UsageError(message, hint="stop it first, or leave the option out")


def _of_nodes(name: str, value: str) -> str:
    return f"{_OF_NODES[name]} {value}" if value else _NONE[name]


def document(settings: Settings) -> Document:
    """What `lab.json` says."""
    return {"schema": SCHEMA, "release": __version__, **asdict(settings)}


def parse(values: Mapping[str, Any]) -> Settings:
    """The settings in a `lab.json` of this release. Raises KeyError, TypeError, ValueError."""
    fields: dict[str, Any] = {
        "nodes": int(values["nodes"]),
        "mirrors": tuple(str(rule) for rule in values["mirrors"]),
        **{name: str(values.get(name, getattr(Settings, name))) for name in _OF_NODES},
        **{name: bool(values[name]) for name in ("always_pull_images", "ephemeral", "tutorial")},
    }
    return Settings(**fields)


def check_release(name: str, release: object) -> None:
    """Raise OtherReleaseError unless this release wrote the lab. None: it does not say, as the first one did not."""
    if release == __version__:
        return
    whose = f"pullscope {release}" if release else "an earlier release"
    option = names.option(name)
    raise OtherReleaseError(
        f"the lab {name} was made by {whose}, this is {__version__}",
        hint=f"`pullscope delete{option}` removes it, `pullscope up{option}` then makes a new one",
    )


def _clock(name: str) -> str:
    return {"system": "the machine's clock", "manual": "a clock that stands still"}.get(
        name, f"a clock {name} times as fast"
    )


def _counted(nodes: int) -> str:
    return "1 node" if nodes == 1 else f"{nodes} nodes"
