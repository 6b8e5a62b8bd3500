"""What `pullscope image` does: images of files on this machine, and their way to a registry."""

import contextlib
import os
import platform as machines
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from pullscope.base.errors import PullscopeError, UsageError
from pullscope.content import api as content
from pullscope.content.api import BlobStore
from pullscope.content.memory import MemoryStore
from pullscope.images import build as images
from pullscope.images import layers, probe
from pullscope.images.context import Context
from pullscope.images.describe import describe
from pullscope.images.dockerfile import building, lines, steps
from pullscope.images.dockerfile.building import Recipe
from pullscope.images.local import LocalImages
from pullscope.images.tree import Tree, answered, listing
from pullscope.lab.state import data_home
from pullscope.oci import documents, reference
from pullscope.oci.documents import Descriptor, Index, Manifest
from pullscope.oci.platform import Platform
from pullscope.oci.reference import InvalidReferenceError, Reference
from pullscope.remote import sessions, transfer
from pullscope.remote.client import RegistryClient
from pullscope.runtime.archive import Allowance

_DOCKERFILE, _SCRATCH = "Dockerfile", "scratch"


def local() -> LocalImages:
    """The images that this user built."""
    return LocalImages(data_home(os.environ) / "images")


def name_of(text: str) -> Reference:
    """An image's name as it is given on the command line; without a tag it means latest. Raises UsageError."""
    try:
        return reference.parse(text).with_default_tag()
    except InvalidReferenceError as error:
        raise UsageError(
            f"{text} is not the name of an image: {error}", hint="for example 127.0.0.1:5000/app:v1"
        ) from error


def recipe(directory: Path, dockerfile: Path | None, arguments: Iterable[str]) -> Context | Recipe:
    """What is to be built: a Dockerfile, the directory's unless one is named, else the directory's files. Raises UsageError."""
    context = Context(directory)
    if dockerfile is None and not (directory / _DOCKERFILE).is_file():
        if [*arguments]:
            raise UsageError("--build-arg is for a Dockerfile, and there is none", hint="name it with -f")
        return context
    text = _text(dockerfile) if dockerfile is not None else context.text(_DOCKERFILE)
    return Recipe(lines.read(text), context, dict(map(_argument, arguments)))


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = (error.strerror or "").lower() if isinstance(error, OSError) else "it is not UTF-8"
        raise UsageError(f"{file}: {why}", hint="name the Dockerfile, from where you are") from error


def _argument(text: str) -> tuple[str, str]:
    """A name alone has its value from the environment, as with other builders."""
    name, equals, value = text.partition("=")
    return name, value if equals else os.environ.get(name, "")


async def build(
    built: LocalImages, what: Context | Recipe, name: Reference, base: Reference | None = None
) -> Descriptor:
    """Make the image `name` as its Dockerfile says, or of files in /deployments of the probe or of `base`."""
    if name.digest is not None:
        raise UsageError("an image is built under a tag, not under a digest", hint=f"-t {name.name}:v1")
    if isinstance(what, Recipe):
        if base is not None:
            raise UsageError("--base is for files without a Dockerfile", hint="change the Dockerfile's FROM")
        made = await _of_dockerfile(built.blobs, what)
    else:
        files = what.placed(probe.DEPLOYMENTS)
        with _usable(base):
            root = await _fetch_all(base, built.blobs) if base else probe.base(built.blobs)
            made = images.extend(built.blobs, root, [layers.write(built.blobs, files)])
    built.name(name, made)
    return made


async def _of_dockerfile(store: BlobStore, recipe: Recipe) -> Descriptor:
    image = steps.base(recipe.source, recipe.arguments)
    if image == _SCRATCH:
        machine = Platform("linux", machines.machine().lower()).normalised()
        root = images.image(store, machine, {}, [])
    else:
        with _usable(name_of(image)):
            root = await _fetch_all(name_of(image), store)
    # Where files go is the same for all platforms: the first one's directories decide.
    first = _entries(store, root)[0]
    under = Manifest.parse(content.get(store, first.digest), first.media_type).layers
    tree = Tree(len(under))

    def learn(number: int) -> None:
        with store.open(under[number].digest) as layer:
            tree.learn(number, listing(layer, Allowance()))

    run = images.first_config(store, root)
    files = answered(lambda: building.planned(recipe, run, tree.is_directory), learn)
    return building.make(store, root, recipe, [layers.write(store, each) for each in files])


async def push(built: LocalImages, name: Reference) -> Descriptor:
    """Push an image that was built here to the registry that its name says. Raises PullscopeError."""
    root = built.find(name)
    async with sessions.of_user(name.registry) as client:
        await transfer.push(client, name, built.blobs, root)
    return root


async def inspect(name: Reference) -> dict[str, Any]:
    """What the registry has under that name now. Nothing but documents is downloaded."""
    store = MemoryStore()
    async with sessions.of_user(name.registry) as client:
        with _usable(name):
            root = await _document(client, name, store, str(name.locator))
            for entry in _entries(store, root):
                await _document(client, name, store, str(entry.digest))
                config = Manifest.parse(content.get(store, entry.digest), entry.media_type).config
                if store.size(config.digest) is None:
                    await client.get_blob(name.repository, config.digest, store.writer(), size=config.size)
            return {"name": str(name), **describe(store, root)}


@contextlib.contextmanager
def _usable(name: Reference | None) -> Iterator[None]:
    try:
        yield
    except documents.InvalidDocumentError as error:
        raise PullscopeError(f"{name} is not an image: {error}") from error


def _entries(store: BlobStore, root: Descriptor) -> Sequence[Descriptor]:
    """The images that `root` leads to: itself, or those of its index."""
    document = documents.parse(content.get(store, root.digest), root.media_type)
    return images.images_of(document) if isinstance(document, Index) else (root,)


async def _document(client: RegistryClient, name: Reference, store: BlobStore, locator: str) -> Descriptor:
    fetched = await client.get_manifest(name.repository, locator)
    content.put(store, fetched.raw, algorithm=fetched.digest.algorithm)
    return Descriptor(fetched.media_type, fetched.digest, len(fetched.raw))


async def _fetch_all(name: Reference, store: BlobStore) -> Descriptor:
    """The image with all its platforms."""
    async with sessions.of_user(name.registry) as client:
        root = await _document(client, name, store, str(name.locator))
        for entry in _entries(store, root):
            platforms = [entry.platform] if entry.platform else []
            await transfer.pull(client, name.with_digest(entry.digest), store, platforms)
    return root
