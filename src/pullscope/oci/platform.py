"""Platforms, and which entry of an index is pulled for one.

Names are normalised as containerd's platforms package does (v1.0: `aarch64` is `arm64`, `arm` is `arm/v7`). WASI is
`wasi/wasm`, the convention of the OCI artifacts that carry WebAssembly; `wasip1` is taken as the same system.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, Self, TypeVar

_ARCHITECTURES = {
    "x86_64": "amd64", "x86-64": "amd64", "aarch64": "arm64", "armhf": "arm", "armel": "arm",
    "i386": "386", "i686": "386", "wasm32": "wasm",
}  # fmt: skip
_SYSTEMS = {"macos": "darwin", "wasip1": "wasi"}
_ARM_VARIANTS = ("v8", "v7", "v6", "v5")  # each runs what stands to its right


@dataclass(frozen=True)
class Platform:
    """What a program needs to run: `linux/arm64`, `wasi/wasm`. `variant` is the CPU's, empty for the usual one."""

    os: str
    architecture: str
    variant: str = ""
    os_version: str = ""
    os_features: tuple[str, ...] = ()

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `os/architecture[/variant]`. Raises ValueError."""
        match text.split("/"):
            case [system, architecture] if system and architecture:
                return cls(system, architecture)
            case [system, architecture, variant] if system and architecture and variant:
                return cls(system, architecture, variant)
        raise ValueError(f"platform {text!r} is not os/architecture[/variant]")

    def normalised(self) -> "Platform":
        """Known aliases replaced, so that equal platforms compare equal; version and features dropped."""
        system = _SYSTEMS.get(self.os.lower(), self.os.lower())
        alias = self.architecture.lower()
        architecture = _ARCHITECTURES.get(alias, alias)
        return Platform(system, architecture, _variant(architecture, alias, self.variant.lower()))

    def as_json(self) -> dict[str, Any]:
        """The `platform` object of a descriptor."""
        fields = {
            "architecture": self.architecture,
            "os": self.os,
            "os.version": self.os_version,
            "os.features": list(self.os_features),
            "variant": self.variant,
        }
        return {key: value for key, value in fields.items() if value}

    def __str__(self) -> str:
        return "/".join(part for part in (self.os, self.architecture, self.variant) if part)


WASI = Platform("wasi", "wasm")


class _Entry(Protocol):
    @property
    def platform(self) -> Platform | None: ...


_EntryT_co = TypeVar("_EntryT_co", bound=_Entry, covariant=True)


class _Index(Protocol[_EntryT_co]):
    @property
    def manifests(self) -> Sequence[_EntryT_co]: ...


def choose(index: _Index[_EntryT_co], wanted: Sequence[Platform]) -> _EntryT_co | None:
    """The entry for the first of `wanted` that there is one for; None when nothing fits.

    Of equals the first wins; an entry that names no platform is the last resort (both as containers/image does).
    """
    for candidate in (variant for platform in wanted for variant in _runnable(platform.normalised())):
        for entry in index.manifests:
            if entry.platform is not None and entry.platform.normalised() == candidate:
                return entry
    return next((entry for entry in index.manifests if entry.platform is None), None)


def _variant(architecture: str, alias: str, variant: str) -> str:
    usual = {("arm64", "v8"), ("arm64", "8"), ("amd64", "v1")}
    if (architecture, variant) in usual:
        return ""
    if architecture == "arm":
        default = "v6" if alias == "armel" else "v7"
        return f"v{variant.removeprefix('v')}" if variant else default
    return variant


def _runnable(platform: Platform) -> Iterator[Platform]:
    """The platform itself, then the older variants that it runs too."""
    yield platform
    if platform.architecture == "arm" and platform.variant in _ARM_VARIANTS:
        older = _ARM_VARIANTS[_ARM_VARIANTS.index(platform.variant) + 1 :]
        yield from (Platform(platform.os, "arm", variant) for variant in older)
    if platform.architecture == "amd64" and platform.variant in ("v2", "v3", "v4"):
        lower = range(int(platform.variant[1:]) - 1, 1, -1)
        yield from (Platform(platform.os, "amd64", f"v{level}") for level in lower)
        yield Platform(platform.os, "amd64")
