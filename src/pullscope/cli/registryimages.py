"""What `pullscope registry ls|rm|tag` do: look into any registry's tags, take them away, give them to other images."""

from pullscope.base.errors import UnreachableError, UsageError
from pullscope.lab import lifecycle
from pullscope.lab.state import StateDirectory
from pullscope.oci import reference
from pullscope.oci.reference import InvalidReferenceError, Reference
from pullscope.remote import sessions

Row = tuple[str, str, str]


async def listed(registry: str, repository: str = "") -> list[Row]:
    """Repository, tag and digest of all tags of the registry, or of one repository. Raises UnreachableError, StatusError."""
    async with sessions.of_user(registry) as client:
        names = [repository] if repository else await client.repositories()
        pairs = [(name, each) for name in names for each in sorted(await client.tags(name))]
        found = [(*pair, await client.head_manifest(*pair)) for pair in pairs]
        return [(name, each, str(image.digest)) for name, each, image in found if image is not None]


async def of_lab(state: StateDirectory) -> str:
    """The lab's registry. Raises UnreachableError: it does not run."""
    status = await lifecycle.status(state)
    if status["state"] != "running":
        raise UnreachableError("the lab does not run", hint="name a registry, or start the lab with `pullscope up`")
    return str(status["registry"])


async def remove(image: str) -> str:
    """Take a tag away, or with a digest the image with all its tags. Raises ManifestUnknownError."""
    name = named(image)
    async with sessions.of_user(name.registry) as client:
        await client.delete_manifest(name.repository, str(name.locator))
    return str(name)


async def tag(source: str, target: str) -> tuple[str, str]:
    """Give the tag `target` to the image `source` of the same repository; the name, and the digest that it leads to now."""
    old, new = named(source), named(target)
    if old.name != new.name:
        hint = f"`skopeo copy docker://{old} docker://{new}` copies between repositories"
        raise UsageError(f"{target} is not in the repository {old.name}", hint=hint)
    if new.tag is None or new.digest is not None:
        raise UsageError(f"{target} names no tag")
    async with sessions.of_user(old.registry) as client:
        fetched = await client.get_manifest(old.repository, str(old.locator))
        digest = await client.put_manifest(new.repository, new.tag, fetched.raw, fetched.media_type)
    return str(new), str(digest)


def named(image: str) -> Reference:
    """An image that is named with its tag or digest: no tag is guessed where something is changed. Raises UsageError."""
    try:
        name = reference.parse(image)
    except InvalidReferenceError as error:
        raise UsageError(f"{image} is not the name of an image: {error}") from error
    if name.locator is None:
        raise UsageError(f"{image} has no tag", hint=f"for example {image}:v1")
    return name
