"""Where images are unpacked: one read-only tree for each, shared by its containers, made once.

An image for another platform is not unpacked (its files may not fit this file system); its layers are read once, for the web
archives in them. Both verify each layer against the config's diff_ids.
"""

import shutil
import tempfile
from collections.abc import Container
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from pullscope.content.api import BlobStore
from pullscope.oci.documents import ImageConfig, Manifest
from pullscope.runtime import listing
from pullscope.runtime.archive import Allowance, LayerError
from pullscope.runtime.unpack import unpack


@dataclass(frozen=True)
class Contents:
    """What the layers of an image hold: their uncompressed size, and the archives of one that is not unpacked."""

    size: int
    archives: tuple[tuple[str, str], ...] = ()


class Trees:
    """The directory of trees."""

    def __init__(self, root: Path, blobs: BlobStore) -> None:
        self._root = root
        self._blobs = blobs
        root.mkdir(parents=True, exist_ok=True)

    def path(self, image_id: str) -> Path:
        """Where the tree of an image is."""
        return self._root / image_id

    def make(self, image_id: str, manifest: Manifest, config: ImageConfig, *, executable: bool) -> Contents:
        """Unpack an image, or look into one that is not executable. For a thread: takes time.

        Raises LayerError, OSError; content.api.BlobUnknownError when a layer is not in the store.
        """
        if len(config.diff_ids) != len(manifest.layers):
            raise LayerError(f"the config names {len(config.diff_ids)} layers, the manifest {len(manifest.layers)}")
        leftover = self.detach(image_id)  # of a pull that did not end well
        if leftover is not None:
            self.delete(leftover)
        allowance = Allowance()
        with ExitStack() as opened:
            layers = [opened.enter_context(self._blobs.open(layer.digest)) for layer in manifest.layers]
            pairs = [*zip(layers, config.diff_ids, strict=True)]
            if executable:
                unpack(pairs, self.path(image_id), allowance)
                return Contents(Allowance().bytes - allowance.bytes)
            found = listing.archives(pairs, allowance)
        return Contents(
            Allowance().bytes - allowance.bytes, tuple((path, str(digest)) for path, digest in found.items())
        )

    def detach(self, image_id: str) -> Path | None:
        """Take a tree away under its name, at once and whole; returns what is left for `delete`. None: it is not there."""
        path = self.path(image_id)
        if not path.exists():
            return None
        aside = Path(tempfile.mkdtemp(dir=self._root, prefix="."))
        path.rename(aside / image_id)
        return aside

    def delete(self, detached: Path) -> None:
        """Delete what was detached. For a thread: takes time. What cannot be deleted now is deleted at the next start."""
        shutil.rmtree(detached, ignore_errors=True)

    def keep_only(self, images: Container[str]) -> None:
        """Remove every tree that is of none of these images, and what an earlier process left half made."""
        for path in self._root.iterdir():
            if path.name not in images:
                shutil.rmtree(path, ignore_errors=True)
