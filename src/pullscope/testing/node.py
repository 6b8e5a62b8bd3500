"""A node's images, as an administrator of the node handles them."""

from pullscope.base.errors import PullscopeError
from pullscope.node.kubelet import NodeKubelet
from pullscope.testing.background import Background
from pullscope.testing.images import Image


class Node:
    """One node's images. They change past the kubelet, as by crictl on the node, and it reports them at once."""

    def __init__(self, background: Background, kubelet: NodeKubelet) -> None:
        self._background = background
        self._kubelet = kubelet
        self.name = kubelet.name

    def images(self) -> list[str]:
        """The names of the images that the node has: their tags, or their digests where they have no tag (any more)."""
        held = self._background.call(self._kubelet.images.list_images())
        return sorted(name for image in held for name in image.repo_tags or image.repo_digests)

    def pull(self, image: str | Image) -> None:
        """Put the image into the node's cache. Raises `cri.api.CriError` in the runtime's words."""
        self._background.call(self._pull(str(image)))

    def rmi(self, image: str | Image) -> None:
        """Remove the image from the node, with all its names. Raises CriError while a container uses it."""
        self._background.call(self._rmi(str(image)))

    async def _pull(self, image: str) -> None:
        await self._kubelet.images.pull_image(image)
        self._kubelet.images_changed()

    async def _rmi(self, image: str) -> None:
        if await self._kubelet.images.image_status(image) is None:
            raise PullscopeError(f"node {self.name} has no image {image}")
        await self._kubelet.images.remove_image(image)
        self._kubelet.images_changed()
