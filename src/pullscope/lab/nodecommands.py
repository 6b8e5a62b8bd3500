"""The nodes' images, for an administrator: list, watch, remove, pull, prune. Commands of the lab's process (`control`).

They go through the container runtime, past the kubelet, as crictl does on a node; the kubelet is told to report at once.
Words are crictl's (cri-tools v1.36 cmd/crictl/image.go) and the runtime's.
"""

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from functools import partial

from pullscope.base.errors import PullscopeError, UsageError
from pullscope.cri.api import AuthConfig, CriError
from pullscope.cri.crictl import documents, tables
from pullscope.cri.embedded import EmbeddedRuntime
from pullscope.lab import control, imagewatch, names
from pullscope.lab.assembly import Lab
from pullscope.lab.control import Answer, Arguments
from pullscope.node.kubelet import NodeKubelet

Nodes = Mapping[str, NodeKubelet]


def of(lab: Lab) -> control.Commands:
    """The commands. Their `words` are those that the user typed: a node's name, where it is needed, and what follows."""
    nodes = {node.name: node for node in lab.nodes}
    commands = {name: partial(command, nodes) for name, command in COMMANDS.items()}
    return {**commands, "watch": partial(_watch, nodes, lab.runtimes)}


async def _images(nodes: Nodes, arguments: Arguments) -> AsyncGenerator[Answer]:
    """One part for each image of the node `words`, or of every node."""
    chosen = [_alone(nodes, arguments)] if arguments["words"] else nodes.values()
    for node in chosen:
        for image in tables.in_order(await node.images.list_images()):
            yield {"node": node.name, **documents.image(image)}


async def _watch(nodes: Nodes, runtimes: Mapping[str, EmbeddedRuntime], arguments: Arguments) -> AsyncGenerator[Answer]:
    """What changes among the images of the node `words`, or of every node: see `imagewatch`."""
    chosen = {_alone(nodes, arguments).name} if arguments["words"] else nodes.keys()
    watched = {name: runtime for name, runtime in runtimes.items() if name in chosen}
    async with aclosing(imagewatch.watch(watched, float(arguments["every"]))) as parts:
        async for part in parts:
            yield part


async def _rmi(nodes: Nodes, arguments: Arguments) -> AsyncGenerator[Answer]:
    """For each image one part: `deleted`, its names, or `failed`, why it is still there."""
    node, images = _chosen(nodes, arguments)
    if not images:
        raise UsageError("which image?", hint="name it as `pullscope node images` shows it, or by its id")
    for name in images:
        yield await _remove(node, name)


async def _pull(nodes: Nodes, arguments: Arguments) -> AsyncGenerator[Answer]:
    """The `image`'s id."""
    node, images = _chosen(nodes, arguments)
    if len(images) != 1:
        raise UsageError("pull takes one image")
    creds = arguments.get("creds")
    try:
        image_id = await node.images.pull_image(images[0], AuthConfig(**creds) if creds else None)
    except CriError as error:
        raise PullscopeError(f"pulling image: {error.told}") from error
    finally:
        node.images_changed()
    yield {"image": image_id}


async def _prune(nodes: Nodes, arguments: Arguments) -> AsyncGenerator[Answer]:
    """For each image that no container uses one part: `deleted`, its names, and `size`. Only told, with `dry_run`."""
    node = _alone(nodes, arguments)
    used = {container.image_id for container in await node.runtime.list_containers()}
    for image in tables.in_order(await node.images.list_images()):
        if image.pinned or image.id in used:
            continue
        done = {"deleted": list(tables.deleted(image))} if arguments["dry_run"] else await _remove(node, image.id)
        if "deleted" in done:  # what came into use meanwhile stays
            yield {**done, "size": image.size}


async def _remove(node: NodeKubelet, name: str) -> Answer:
    try:
        image = await node.images.image_status(name)
        if image is None:
            return {"failed": f"no such image {name}"}
        await node.images.remove_image(name)
    except CriError as error:
        return {"failed": f'error of removing image "{name}": {error.framed}'}
    node.images_changed()
    return {"deleted": list(tables.deleted(image))}


def _chosen(nodes: Nodes, arguments: Arguments) -> tuple[NodeKubelet, Sequence[str]]:
    name, rest = names.node_meant(list(nodes), [str(word) for word in arguments["words"]])
    return nodes[name], rest


def _alone(nodes: Nodes, arguments: Arguments) -> NodeKubelet:
    """The node, when nothing but a node can be meant."""
    words = [str(word) for word in arguments["words"]]
    if words and words[0] not in nodes:
        raise UsageError(f'nodes "{words[0]}" not found', hint=f"the lab has {', '.join(nodes)}")
    return _chosen(nodes, arguments)[0]


COMMANDS: Mapping[str, Callable[[Nodes, Arguments], AsyncGenerator[Answer]]] = {
    "images": _images,
    "rmi": _rmi,
    "pull": _pull,
    "prune": _prune,
}
