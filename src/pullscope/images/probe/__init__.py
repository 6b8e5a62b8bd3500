"""The probe image: its program prints the web archives that the image holds, and stays; with any argument it ends (`probe.c`).

One OCI index over linux/amd64, linux/arm64 and wasi/wasm, so that the very same digest runs in the embedded lab and on any
node. Variants differ by the archives under /deployments and by their labels; labels alone already give another digest.
"""

import functools
import io
import zipfile
from collections.abc import Mapping
from types import MappingProxyType

from pullscope.content import api as content
from pullscope.content.api import BlobStore
from pullscope.content.memory import MemoryStore
from pullscope.images import build, layers
from pullscope.images.probe import binaries
from pullscope.oci import toolbox
from pullscope.oci.documents import Descriptor
from pullscope.oci.platform import Platform

PROGRAM = "/probe"
DEPLOYMENTS = "deployments"

_WEB_XML = (
    '<web-app xmlns="https://jakarta.ee/xml/ns/jakartaee" version="6.0"><display-name>{}</display-name></web-app>\n'
)


def base(store: BlobStore) -> Descriptor:
    """Put the probe without any archive into `store`; returns the index's descriptor."""
    made, root = _base()
    for digest in made.digests():
        content.put(store, content.get(made, digest))
    return root


@functools.cache
def _base() -> tuple[MemoryStore, Descriptor]:
    """The probe in a store of its own (25 kB). Compressing it costs 10 ms and more, which every variant would pay again."""
    store = MemoryStore()
    marks = [layers.Entry(f"{toolbox.DIRECTORY}/{word}", toolbox.MARK) for word in toolbox.WORDS]
    tools = layers.write(store, marks)
    run = {"Entrypoint": [PROGRAM], "Env": ["PATH=/bin"], "User": "1001", "WorkingDir": "/"}
    images = []
    for target in binaries.PLATFORMS:
        program = layers.write(store, [layers.Entry(PROGRAM.lstrip("/"), binaries.path(target).read_bytes(), 0o555)])
        images.append(build.image(store, Platform.parse(target.replace("-", "/")), run, [tools, program]))
    return store, build.index(store, images)


def variant(
    store: BlobStore, wars: Mapping[str, bytes] | str, labels: Mapping[str, str] = MappingProxyType({})
) -> Descriptor:
    """Put the probe with `wars` under /deployments into `store`; returns the index's descriptor.

    `wars` maps names such as `node.war` to their bytes; a single name stands for a small archive of that name.
    """
    archives = {wars: archive(wars)} if isinstance(wars, str) else wars
    files = [layers.Entry(f"{DEPLOYMENTS}/{name}", data) for name, data in archives.items()]
    return build.extend(store, base(store), [layers.write(store, files)], build.labelled(labels))


def archive(name: str) -> bytes:
    """A web archive that a server would deploy: a zip with a descriptor, always the same bytes for the same name."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as war:
        for path, text in (
            ("META-INF/MANIFEST.MF", "Manifest-Version: 1.0\r\n\r\n"),
            ("WEB-INF/web.xml", _WEB_XML.format(name)),
            ("index.html", f"<!DOCTYPE html><title>{name}</title>\n"),
        ):
            war.writestr(zipfile.ZipInfo(path), text)
    return buffer.getvalue()
