"""Make the image that a Dockerfile asks for: a layer for each COPY on top of the base, and the changed config.

First `planned` finds every file, then its layers are written: what cannot be built is known before anything is.

Upstream: buildah (OpenShift's docker strategy) for what COPY does with files, directories and patterns.
"""

import posixpath
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pullscope.content.api import BlobStore
from pullscope.images import build
from pullscope.images.context import Context
from pullscope.images.dockerfile import steps
from pullscope.images.dockerfile.globs import PatternError
from pullscope.images.dockerfile.lines import DockerfileError, Source
from pullscope.images.dockerfile.steps import Copy, Outcome
from pullscope.images.layers import Entry, Layer
from pullscope.oci.documents import Descriptor

_MOST_LOOKS = 5_000_000  # at files, of all COPY together

IsDirectory = Callable[[str], bool]
"""Whether an absolute path is a directory in the base image."""


@dataclass(frozen=True)
class Recipe:
    """A Dockerfile, the files that it may take, and what its arguments are given."""

    source: Source
    context: Context
    arguments: Mapping[str, str] = field(default_factory=dict)

    def outcome(self, run: Mapping[str, Any]) -> Outcome:
        """What it asks for, on a base whose config's `config` object is `run`. Raises DockerfileError."""
        env = dict(text.partition("=")[::2] for text in run.get("Env") or ())
        return steps.outcome(self.source, self.arguments, env, run.get("WorkingDir") or "/")


def planned(recipe: Recipe, run: Mapping[str, Any], is_directory: IsDirectory) -> list[list[Entry]]:
    """The files of the layer that each COPY makes. Raises DockerfileError, ContextError, and what `is_directory` raises."""
    copies = recipe.outcome(run).copies
    if sum(len(copy.sources) for copy in copies) * len(recipe.context.files) > _MOST_LOOKS:
        raise DockerfileError(copies[-1].line, "too many files are copied too often")
    return [entries(copy, recipe.context, is_directory) for copy in copies]


def make(store: BlobStore, base: Descriptor, recipe: Recipe, added: Sequence[Layer], created: str = "") -> Descriptor:
    """Build on `base`, an image or index in `store`, with these layers of the planned files. Raises PullscopeError.

    Platforms of one image may differ in their environment; where files go is the same for all.
    """
    return build.extend(store, base, added, lambda run: changed(run, recipe.outcome(run)), created)


def changed(run: Mapping[str, Any], outcome: Outcome) -> dict[str, Any]:
    """A config's `config` object after the Dockerfile's instructions; what they do not name stays."""
    result = dict(run)
    result["Env"] = [f"{name}={value}" for name, value in outcome.env.items()]
    result["WorkingDir"] = outcome.working_dir
    if outcome.labels:
        result["Labels"] = {**(run.get("Labels") or {}), **outcome.labels}
    if outcome.ports:
        result["ExposedPorts"] = {**(run.get("ExposedPorts") or {}), **outcome.ports}
    if outcome.user is not None:
        result["User"] = outcome.user
    for key, words in (("Cmd", outcome.cmd), ("Entrypoint", outcome.entrypoint)):
        if words is not None:
            result[key] = list(words)
    return result


def entries(copy: Copy, context: Context, is_directory: IsDirectory) -> list[Entry]:
    """The files that one COPY puts where. Raises DockerfileError."""
    found = [match for source in copy.sources for match in _matches(copy, source, context)]
    single_file = len(found) == 1 and found[0][1] == [""]
    into = copy.target.endswith("/") or not single_file or is_directory(copy.target)
    made: dict[str, Entry] = {}
    for path, files in found:
        for file in files:
            whole = posixpath.join(path, file).rstrip("/")
            if copy.add:
                _refuse_archive(copy, whole)
            below = file or (posixpath.basename(path) if into else "")
            target = posixpath.join(copy.target, below).rstrip("/")
            made[target] = context.entry(whole, target, copy.mode)
    return list(made.values())


def _matches(copy: Copy, source: str, context: Context) -> list[tuple[str, list[str]]]:
    try:
        found = context.matching(source)
    except PatternError as error:
        raise DockerfileError(copy.line, str(error)) from error
    if not found:
        hint = "the paths are relative to the build context, and .dockerignore may leave files out"
        raise DockerfileError(
            copy.line, f'checking on sources: copier: stat: "/{source}": no such file or directory', hint=hint
        )
    return found


def _refuse_archive(copy: Copy, path: str) -> None:
    if path.endswith((".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz")):
        raise DockerfileError(copy.line, f"ADD would unpack {path}", hint="unpack it beforehand and COPY its files")
