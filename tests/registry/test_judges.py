"""Real tools judge the registry: skopeo and podman push to it, pull from it, list and delete in it."""

import asyncio
import gzip
import io
import json
import os
import shutil
import sys
import tarfile
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.registry.serving import Served, serving

from pullscope.content import api
from pullscope.content.disk import DiskStore
from pullscope.oci import media
from pullscope.oci.digest import Digest
from pullscope.oci.documents import Descriptor, Index, Manifest
from pullscope.oci.platform import Platform

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="skopeo and podman are judges on Linux")


@pytest.fixture
async def registry(tmp_path: Path) -> AsyncIterator[Served]:
    async with serving(tmp_path / "registry") as served:
        yield served


async def run(tool: str, *arguments: str) -> str:
    program = shutil.which(tool)
    if program is None:
        pytest.skip(f"{tool} is not installed (Debian: apt-get install {tool})")
    process = await asyncio.create_subprocess_exec(
        program, *arguments, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    out, problems = await process.communicate()
    assert process.returncode == 0, f"{tool} {arguments}: {problems.decode()}"
    return out.decode()


def layer(text: str) -> tuple[bytes, str]:
    """A gzipped tar of one file, and the digest of the plain tar."""
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w") as archive:
        entry = tarfile.TarInfo("deployments/app.war")
        entry.size = len(text)
        archive.addfile(entry, io.BytesIO(text.encode()))
    return gzip.compress(plain.getvalue(), mtime=0), str(Digest.of(plain.getvalue()))


def layout(root: Path, text: str) -> Index:
    """An OCI image layout with one image for two platforms under the tag `v1`; made by hand, read by skopeo."""
    store = DiskStore(root)
    entries = []
    for platform in (Platform("linux", "amd64"), Platform("linux", "arm64")):
        compressed, diff_id = layer(f"{text} for {platform}")
        config = json.dumps(platform.as_json() | {"rootfs": {"type": "layers", "diff_ids": [diff_id]}}).encode()
        manifest = Manifest.of(
            Descriptor.of(media.OCI_CONFIG, config), [Descriptor.of(media.OCI_LAYER_GZIP, compressed)]
        )
        for data in (compressed, config, manifest.raw):
            api.put(store, data)
        entries.append(Descriptor(manifest.media_type, manifest.digest, len(manifest.raw), platform=platform))
    index = Index.of(entries)
    api.put(store, index.raw)
    named = Descriptor(
        index.media_type, index.digest, len(index.raw), annotations={"org.opencontainers.image.ref.name": "v1"}
    )
    (root / "index.json").write_bytes(Index.of([named]).raw)
    (root / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')
    return index


async def test_skopeo_there_and_back(registry: Served, tmp_path: Path) -> None:
    index = layout(tmp_path / "source", "hello")
    name = f"docker://{registry.address}/team/app:v1"
    await run("skopeo", "copy", "--all", "--dest-tls-verify=false", f"oci:{tmp_path / 'source'}:v1", name)
    assert registry.registry.resolve("team/app", "v1") == index.digest
    assert json.loads(await run("skopeo", "list-tags", "--tls-verify=false", name.removesuffix(":v1")))["Tags"] == [
        "v1"
    ]
    assert (await run("skopeo", "inspect", "--raw", "--tls-verify=false", name)).encode() == index.raw
    await run("skopeo", "copy", "--all", "--src-tls-verify=false", name, f"oci:{tmp_path / 'back'}:v1")
    source, back = DiskStore(tmp_path / "source"), DiskStore(tmp_path / "back")
    assert set(source.digests()) <= set(back.digests())


async def test_skopeo_mounts_converts_and_deletes(registry: Served, tmp_path: Path) -> None:
    layout(tmp_path / "source", "hello")
    first, second = (f"docker://{registry.address}/team/{name}:v1" for name in ("one", "two"))
    insecure = ("--src-tls-verify=false", "--dest-tls-verify=false")
    await run("skopeo", "copy", "--dest-tls-verify=false", f"oci:{tmp_path / 'source'}:v1", first)
    await run("skopeo", "copy", *insecure, first, second)
    mounts = [record for record in registry.log.records(repository="team/two") if record.status == 201]
    assert [record.kind for record in mounts].count("uploads") >= 1, "the layer was mounted, not uploaded"
    docker = f"docker://{registry.address}/team/two:docker"
    await run("skopeo", "copy", "--format=v2s2", *insecure, first, docker)
    assert registry.registry.manifest("team/two", "docker").media_type == media.DOCKER_MANIFEST
    await run("skopeo", "delete", "--tls-verify=false", docker)
    assert registry.registry.tags("team/two", last="", limit=10).items == ["v1"]


async def test_podman_pulls_and_pushes(registry: Served, tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("podman without user namespaces needs root")
    index = layout(tmp_path / "source", "hello")
    name = f"{registry.address}/team/app"
    await run(
        "skopeo", "copy", "--all", "--dest-tls-verify=false", f"oci:{tmp_path / 'source'}:v1", f"docker://{name}:v1"
    )
    with tempfile.TemporaryDirectory() as short:  # podman takes no longer path for its run root
        podman = ("--root", f"{short}/root", "--runroot", f"{short}/run", "--storage-driver=vfs")
        id_ = (await run("podman", *podman, "pull", "-q", "--tls-verify=false", "--arch=amd64", f"{name}:v1")).strip()
        await run("podman", *podman, "push", "-q", "--tls-verify=false", id_, f"{registry.address}/else/where:v2")
    pulled = Manifest.parse(registry.registry.manifest("team/app", str(index.manifests[0].digest)).content)
    pushed = Manifest.parse(registry.registry.manifest("else/where", "v2").content)
    assert id_ == pulled.config.digest.hex == pushed.config.digest.hex
    agents = {record.user_agent.partition("/")[0] for record in registry.log.records(repository="else/where")}
    assert agents == {"containers"}
