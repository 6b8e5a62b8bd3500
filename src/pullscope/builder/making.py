"""Make an image on top of a base, and tell the log of each step."""

from collections.abc import Sequence
from pathlib import Path

from pullscope.base.errors import PullscopeError
from pullscope.builder.bases import Base
from pullscope.builder.failing import BuildError
from pullscope.builder.job import Job
from pullscope.content import streams
from pullscope.content.api import BlobStore
from pullscope.images import layers
from pullscope.images.dockerfile import building
from pullscope.images.dockerfile.building import Recipe
from pullscope.images.dockerfile.lines import DockerfileError
from pullscope.images.layers import Entry, Layer
from pullscope.images.tree import Tree, UnreadError
from pullscope.kube import meta
from pullscope.oci.documents import Descriptor
from pullscope.openshift.buildreasons import Reason

_FIRST = "FROM"
_STORED, _FAST = 0, 1  # gzip's levels
_PACKED = (b"PK\x03\x04", b"\x1f\x8b", b"BZh", b"\xfd7zX", b"\x28\xb5\x2f\xfd")


async def make(job: Job, base: Base, recipe: Recipe, reason: Reason) -> Descriptor:
    """The image, in the base's store. Raises BuildError with `reason` when it cannot be built, OSError."""
    try:
        files = await _planned(base, recipe)
        _show(job, recipe)
        created = meta.timestamp(job.context.clock.now())
        added = [await streams.in_thread(_write, base.store, each) for each in files]
        return building.make(base.store, base.root, recipe, added, created)
    except PullscopeError as error:
        if isinstance(error, DockerfileError):
            _show(job, recipe, error.line)
        raise refusal(reason, error) from error


def refusal(reason: Reason, error: PullscopeError) -> BuildError:
    """What the build says of it, with what to do instead."""
    hint = f" ({error.hint})" if error.hint else ""
    return BuildError(reason, f"build error: {error.message}{hint}")


async def _planned(base: Base, recipe: Recipe) -> list[list[Entry]]:
    """What is copied where; of the base, those layers are looked into that must be."""
    tree, run = Tree(len(base.layers)), base.run
    while True:
        try:
            return await streams.in_thread(building.planned, recipe, run, tree.is_directory)
        except UnreadError as unread:
            tree.learn(unread.layer, await base.listing(unread.layer))


def _write(store: BlobStore, files: Sequence[Entry]) -> Layer:
    """A layer; what is mostly archives is not compressed again, which would take long and gain nothing."""
    sizes = {entry: entry.content.stat().st_size for entry in files if isinstance(entry.content, Path)}
    packed = sum(size for entry, size in sizes.items() if _is_packed(entry))
    return layers.write(store, files, _STORED if packed * 2 > sum(sizes.values()) else _FAST)


def _is_packed(entry: Entry) -> bool:
    if isinstance(entry.content, bytes):
        return False
    with entry.content.open("rb") as file:
        return file.read(4).startswith(_PACKED)


def _show(job: Job, recipe: Recipe, last: int | None = None) -> None:
    """The steps, up to that line."""
    steps = list(recipe.source.instructions)
    while steps and steps[0].word != _FIRST:
        del steps[0]
    for number, step in enumerate(steps, 1):
        if last is None or step.line <= last:
            job.say(f"STEP {number}/{len(steps)}: {step.word} {step.rest}")
