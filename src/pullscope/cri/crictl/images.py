"""crictl's commands about images: images, inspecti, rmi, pull."""

from collections.abc import AsyncIterator, Sequence

from pullscope.cri.api import AuthConfig, CriError, Image
from pullscope.cri.crictl import documents, tables
from pullscope.cri.crictl.node import Call, CrictlError, Node
from pullscope.pull import flavours


async def images(call: Call) -> None:
    """List images, or the one that the argument names exactly, where the runtime looks for it."""
    given = call.given
    found = await _listed(call.node, given.arguments[0] if given.arguments else "")
    output = given.get("output", "table")
    if given.has("quiet"):
        call.context.say("".join(f"{image.id}\n" for image in found))
    elif output in ("json", "yaml"):
        call.context.say(documents.rendered({"images": [documents.image(image) for image in found]}, output))
    elif given.has("verbose"):
        call.say("\n".join(_described(image) for image in found))
    else:
        call.say(tables.images(found, digests=given.has("digests"), whole=given.has("no-trunc")))


async def _listed(node: Node, name: str) -> Sequence[Image]:
    if name and flavours.RULES[node.flavour].finds_one:
        found = await node.images.image_status(name)
        return [found] if found else []
    return tables.in_order(await node.images.list_images())


def _described(image: Image) -> str:
    lines = [f"ID: {image.id}"]
    lines += [f"RepoTags: {tag}" for tag in image.repo_tags]
    lines += [f"RepoDigests: {digest}" for digest in image.repo_digests]
    lines += [f"Size: {image.size}"] + ([f"Username: {image.username}"] if image.username else [])
    return "\n".join(lines) + "\n"


async def inspect(call: Call) -> None:
    """Show all that is known of images, by names or ids."""
    output = call.given.get("output", "json")
    for name in call.given.arguments:
        image = await call.node.images.image_status(name)
        if image is None:
            raise CrictlError(f'no such image "{name}" present')
        try:
            config = call.node.config(image.id)
        except CriError as error:
            raise CrictlError(f'image status for "{name}" request: {error.framed}') from error
        call.context.say(documents.rendered(documents.image_details(image, config, call.node.flavour), output))


async def remove(call: Call) -> None:
    """Remove images with all their names: those that are named, with `--all` all, with `--prune` those without containers."""
    names = list(call.given.arguments)
    if call.given.has("all") or call.given.has("prune"):
        names = [image.id async for image in _removable(call.node, unused=call.given.has("prune"))]
        if not names:
            call.say("No images to remove")
    errors = []
    for name in names:
        try:
            await _remove(call, name)
        except CrictlError as error:
            errors.append(str(error))
    if errors:
        raise CrictlError(errors[0] if len(errors) == 1 else f"[{', '.join(errors)}]")


async def _removable(node: Node, *, unused: bool) -> AsyncIterator[Image]:
    used = {container.image_id for container in await node.runtime.list_containers()} if unused else set()
    for image in tables.in_order(await node.images.list_images()):
        if not image.pinned and image.id not in used:
            yield image


async def _remove(call: Call, name: str) -> None:
    image = await call.node.images.image_status(name)
    if image is None:
        raise CrictlError(f"no such image {name}")
    try:
        await call.node.images.remove_image(name)
    except CriError as error:
        call.failed("remote_image.go:284", "RemoveImage from image service failed", error, name)
        raise CrictlError(f'error of removing image "{name}": {error.framed}') from error
    call.node.images_changed()
    for deleted in tables.deleted(image):
        call.say(f"Deleted: {deleted}")


async def pull(call: Call) -> None:
    """Pull an image, whatever is there already."""
    if not call.given.arguments:
        raise CrictlError("image name cannot be empty")
    if len(call.given.arguments) > 1:
        raise CrictlError("pull takes one image")
    (name,) = call.given.arguments
    auth = credentials(call.given.get("creds")) if call.given.has("creds") else None
    try:
        image_id = await call.node.images.pull_image(name, auth)
    except CriError as error:
        call.failed("remote_image.go:250", "PullImage from image service failed", error, name)
        raise CrictlError(f"pulling image: {error.told}") from error
    finally:
        call.node.images_changed()
    call.say(f"Image is up to date for {image_id}")


def credentials(creds: str) -> AuthConfig:
    """What `--creds` says. Raises CrictlError."""
    username, _, password = creds.partition(":")
    if not username:
        raise CrictlError("username can't be empty")
    return AuthConfig(username=username, password=password)
