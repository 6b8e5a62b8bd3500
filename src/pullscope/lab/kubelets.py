"""What kubelets and runtimes a lab's nodes have: their release, whose words the runtime speaks, how they are configured.

The API server's release stays: nodes may be two releases behind it, as in a cluster that is being upgraded.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pullscope.base.errors import UsageError
from pullscope.kube import quantity
from pullscope.lab.settings import Settings
from pullscope.node import kubeletconfig
from pullscope.node.kubeletconfig import RELEASES, InvalidConfigurationError, KubeletConfig
from pullscope.pull import flavours
from pullscope.pull.flavours import Flavour
from pullscope.pull.reasons import CURRENT, Version


def release(text: str) -> Version:
    """The release that `1.34` names. Raises UsageError."""
    known = {f"{major}.{minor}": (major, minor) for major, minor in RELEASES}
    found = known.get(text.removeprefix("v"))
    if found is None:
        raise UsageError(f"there is no Kubernetes {text!r} here", hint=f"the releases are {', '.join(known)}")
    return found


def flavour(text: str) -> Flavour:
    """Raises UsageError."""
    found = flavours.OPTIONS.get(text)
    if found is None:
        raise UsageError(
            f"there is no runtime {text!r} here", hint=f"the runtimes are {' and '.join(flavours.OPTIONS)}"
        )
    return found


def asked(
    version: str | None, runtime: str | None, file: Path | None, disk: str | None, pinned: Sequence[str] | None = None
) -> dict[str, Any]:
    """What of `settings.Wanted` the options name. Raises UsageError."""
    config = _read(file, release(version) if version else CURRENT) if file else None
    given = {
        "kubernetes_version": version and version.removeprefix("v"), "runtime_flavour": runtime, "kubelet_config": config, "image_disk": disk,
        "pinned_images": None if pinned is None else ",".join(pinned),
    }  # fmt: skip
    if disk:
        size(disk)
    if version:
        release(version)
    if runtime:
        flavour(runtime)
    return {name: text for name, text in given.items() if text is not None}


def _read(path: Path, version: Version) -> str:
    """A user's KubeletConfiguration, as one line of JSON."""
    import yaml  # noqa: PLC0415 (only who has such a file needs it)

    try:
        values = yaml.safe_load(path.read_text(encoding="utf-8"))
        kubeletconfig.parse(values, version)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        why = " ".join(str(getattr(error, "strerror", None) or error).split())
        raise UsageError(f"{path} cannot be read: {why}") from error
    except InvalidConfigurationError as error:
        raise UsageError(f"{path}: {error}") from error
    return json.dumps(values)


def size(text: str) -> int | None:
    """Bytes of a disk, as `1Gi`; None for one that is never full. Raises UsageError."""
    if not text:
        return None
    try:
        found = quantity.parse(text)
    except quantity.InvalidQuantityError as error:
        raise UsageError(f"{text!r} is no size of a disk", hint="for example 500Mi or 2Gi") from error
    if found.value < 1:
        raise UsageError(f"{text!r} is no size of a disk", hint="for example 500Mi or 2Gi")
    return int(found.value)


def patterns(text: str) -> list[str]:
    """Those of pinned images."""
    return [pattern for pattern in map(str.strip, text.split(",")) if pattern]


def config(settings: Settings) -> KubeletConfig:
    """The configuration of a lab's kubelets. Raises UsageError."""
    values: Any = json.loads(settings.kubelet_config) if settings.kubelet_config else None
    version = release(settings.kubernetes_version)
    try:
        return kubeletconfig.parse(values, version) if values else KubeletConfig(version)
    except InvalidConfigurationError as error:
        hint = f"give it another --kubelet-config, or a release that it is for: the kubelets are {settings.kubernetes_version}"
        raise UsageError(f"the kubelet's configuration: {error}", hint=hint) from error
