"""What changes among the images of nodes, as it happens, and the pulls under way: `pullscope node images -w`.

The first part of the answer is all that is there: `images`, as the command `images` lists them, and `pulls`. Each further
part is one change, of `type` ADDED, MODIFIED or DELETED with an `image`, or PULLING, PULLED or FAILED with a `pull`. A pull
has `image` (its name), `node`, `phase`, `layersDone` of `layers` (null until its manifest is known), `bytesDone` of
`bytesTotal` (of what the node lacks), `seconds` by the lab's clock, and `error`.
"""

import asyncio
from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pullscope.cri.crictl import documents, tables
from pullscope.lab.control import Answer

if TYPE_CHECKING:  # clusters are watched with this too, without a runtime of ours
    from pullscope.cri.embedded import EmbeddedRuntime
    from pullscope.cri.embedded.underway import PullUnderWay

Document = Mapping[str, Any]
Key = tuple[str, ...]

_OFTEN, _SELDOM = 0.1, 60.0  # seconds, between which one may ask for news of a pull


@dataclass(frozen=True)
class Seen:
    """The images of nodes at one moment, and the pulls under way with their nodes' names."""

    images: Mapping[Key, Document]
    pulls: Mapping["PullUnderWay", str] = field(default_factory=dict)

    @classmethod
    def of(cls, images: Sequence[Document], pulls: "Mapping[PullUnderWay, str] | None" = None) -> "Seen":
        """`images` as `pullscope node images` has them.

        Those of reports have no id and are known by their names; that a report grows old is no change.
        """
        known = [{name: value for name, value in image.items() if name != "age_seconds"} for image in images]
        return cls({_key(image): image for image in known}, pulls or {})

    def first(self) -> Answer:
        """All of it."""
        return {
            "images": list(self.images.values()),
            "pulls": [pull_document(pull, node) for pull, node in self.pulls.items()],
        }


def _key(image: Document) -> Key:
    return (image["node"], *([image["id"]] if image["id"] else [*image["repoDigests"], *image["repoTags"]]))


def changes(before: Seen, after: Seen) -> Iterator[Answer]:
    """What is told of what happened in between: images first, then how pulls ended, then those under way."""
    for key in before.images.keys() - after.images.keys():
        yield {"type": "DELETED", "image": before.images[key]}
    for key, image in after.images.items():
        if key not in before.images:
            yield {"type": "ADDED", "image": image}
        elif before.images[key] != image:
            yield {"type": "MODIFIED", "image": image}
    for pull, node in before.pulls.items():
        if pull not in after.pulls:
            yield {"type": "FAILED" if pull.error else "PULLED", "pull": pull_document(pull, node)}
    for pull, node in after.pulls.items():
        yield {"type": "PULLING", "pull": pull_document(pull, node)}


def pull_document(pull: "PullUnderWay", node: str) -> Answer:
    """A pull as the answer has it: see above."""
    downloads = pull.downloads
    return {
        "node": node,
        "image": pull.image,
        "phase": pull.phase,
        "layersDone": downloads.layers_done,
        "layers": downloads.layers,
        "bytesDone": downloads.done,
        "bytesTotal": None if downloads.layers is None else downloads.total,
        "seconds": round(pull.seconds, 3),
        "error": pull.error,
    }


async def watch(runtimes: Mapping[str, "EmbeddedRuntime"], every: float) -> AsyncGenerator[Answer]:
    """The parts of the answer, until nobody asks any more. Of pulls under way there is news each `every` seconds."""
    every = min(max(every, _OFTEN), _SELDOM)
    changed = asyncio.Event()
    with ExitStack() as stack:
        for runtime in runtimes.values():
            stack.enter_context(runtime.bell.heard(changed))
        before = await _look(runtimes)
        yield before.first()
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(every if before.pulls else None):
                    await changed.wait()
            changed.clear()
            after = await _look(runtimes)
            for change in changes(before, after):
                yield change
            before = after


async def _look(runtimes: Mapping[str, "EmbeddedRuntime"]) -> Seen:
    images = [
        {"node": node, **documents.image(image), "source": "cri"}
        for node, runtime in runtimes.items()
        for image in tables.in_order(await runtime.list_images())
    ]
    return Seen.of(images, {pull: node for node, runtime in runtimes.items() for pull in runtime.pulls})
