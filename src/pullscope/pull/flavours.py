"""How container runtimes differ: the rules about images that each has, and what each says when a pull fails.

`sentence` makes the message of the CRI error of a structured failure; the kubelet then puts it into events and waiting
messages. Where a cluster was observed, the recording decides; the failures that nobody recorded (a wrong digest, a missing
blob, TLS, a full disk) follow the libraries' sources, leave out paths of temporary files, and take every image for one of an
index, as most are.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, assert_never

from pullscope.oci.reference import Reference
from pullscope.pull import containerd, crio
from pullscope.pull.failures import PullFailure
from pullscope.pull.sentences import Attempt, Sentence

Flavour = Literal["cri-o", "containerd"]

OPTIONS: Mapping[str, Flavour] = {"crio": "cri-o", "containerd": "containerd"}
"""As the options of commands name them."""


@dataclass(frozen=True)
class Rules:
    """What else a runtime does its own way with images, besides its sentences.

    `id_prefix` stands before an image's id. `keeps_used`: an image that a container was made of cannot be removed, else its
    names and its place in the lists go. `packed_size`: sizes are of what was downloaded, else of what was unpacked.
    `names_by_tag`: `repository@digest` names an image while a tag of that repository leads to it (or it was pulled by that
    name), and each of its digests goes with each such repository; else exactly what was pulled does, until it is removed.
    `names_of_making`: a container's status tells the image's names of when it was made, else those of its last change.
    `joins_pulls`: pulls of one name with the same credentials at the same time are one, else each asks the registry.
    `finds_one`: its list of images can be narrowed to the one of a name, else it is always whole.
    `pauses`: seconds before a registry that says 429 is asked again, within one pull.
    """

    id_prefix: str
    keeps_used: bool
    packed_size: bool
    names_by_tag: bool
    names_of_making: bool
    joins_pulls: bool
    finds_one: bool
    pauses: tuple[int, ...]


RULES: dict[Flavour, Rules] = {
    # CRI-O 1.37: internal/storage/image.go (makeRepoDigests, PreviousName), server/container_create.go (someRepoDigest),
    # c/storage images.go; recorded with 1.37.0. server/image_pull.go (pullOperationsInProgress); c/image
    # docker_client.go (makeRequestToResolvedURL: five tries, 2 s doubling).
    "cri-o": Rules(
        id_prefix="",
        keeps_used=True,
        packed_size=False,
        names_by_tag=True,
        names_of_making=True,
        joins_pulls=True,
        finds_one=True,
        pauses=(2, 4, 8, 16),
    ),
    # containerd: pkg/cri/store/image/image.go (Size, docker.Sort), pkg/cri/server/container_status.go; recorded with 1.6.20.
    # remotes/docker/resolver.go (retryRequest: six tries without a pause).
    "containerd": Rules(
        id_prefix="sha256:",
        keeps_used=False,
        packed_size=True,
        names_by_tag=False,
        names_of_making=False,
        joins_pulls=False,
        finds_one=False,
        pauses=(0,) * 5,
    ),
}


def sentence(
    flavour: Flavour,
    image: Reference,
    failure: PullFailure,
    *,
    scheme: str = "https",
    mirrors: Sequence[Attempt] = (),
) -> Sentence:
    """What the runtime says of that failure. `scheme` is how it spoke to the registry: `http` or `https`.

    `mirrors` were asked before; containerd says nothing of them.
    """
    match flavour:
        case "cri-o":
            return crio.sentence(image, failure, scheme, mirrors)
        case "containerd":
            return containerd.sentence(image, failure, scheme)
        case _:
            assert_never(flavour)
