"""Images that were built here and have a name: an OCI image layout (image-spec v1.1 image-layout.md) that other tools read too.

`skopeo copy oci:DIRECTORY:NAME …` works. Names are the annotation `org.opencontainers.image.ref.name` in `index.json`.
"""

from pathlib import Path

import orjson

from pullscope.base import files
from pullscope.base.errors import PullscopeError
from pullscope.content.disk import DiskStore
from pullscope.oci import documents
from pullscope.oci.documents import Descriptor, Index
from pullscope.oci.reference import Reference

_NAME = "org.opencontainers.image.ref.name"
_LAYOUT = b'{"imageLayoutVersion": "1.0.0"}\n'


class LocalImages:
    """The layout at `root`, made when missing. `blobs` holds the content."""

    def __init__(self, root: Path) -> None:
        root.mkdir(parents=True, exist_ok=True)
        self.blobs = DiskStore(root)
        self._index = root / "index.json"
        if not (root / "oci-layout").exists():
            files.write_atomic(root / "oci-layout", _LAYOUT)

    def find(self, name: Reference) -> Descriptor:
        """What the name leads to. Raises PullscopeError when it was not built here."""
        for entry in self._entries():
            if entry.annotations.get(_NAME) == str(name):
                return entry
        raise PullscopeError(f"there is no image {name} here", hint=f"build it: pullscope image build DIR -t {name}")

    def name(self, name: Reference, root: Descriptor) -> None:
        """Let the name lead to `root`, whose parts are in `blobs`."""
        others = [entry for entry in self._entries() if entry.annotations.get(_NAME) != str(name)]
        named = Descriptor(root.media_type, root.digest, root.size, annotations={_NAME: str(name)})
        files.write_atomic(self._index, Index.of([*others, named]).raw)

    def _entries(self) -> tuple[Descriptor, ...]:
        try:
            return Index.parse(self._index.read_bytes()).manifests
        except FileNotFoundError:
            return ()
        except (documents.InvalidDocumentError, orjson.JSONDecodeError) as error:
            raise PullscopeError(f"{self._index} is damaged: {error}", hint="remove it and build again") from error
