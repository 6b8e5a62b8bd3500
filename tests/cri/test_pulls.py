"""Pulling into the embedded runtime: what is asked of the registry, what is said when it fails, what is left behind."""

import asyncio
import base64
import gzip
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web
from tests.cri.world import World, world
from tests.fulldisk import files_end_at
from tests.runtime import tars

from pullscope.base.clock import ManualClock
from pullscope.content import api as content
from pullscope.content.disk import DiskStore
from pullscope.content.memory import MemoryStore
from pullscope.cri.api import AuthConfig, CriError
from pullscope.cri.embedded import EmbeddedRuntime
from pullscope.images import build, layers, probe
from pullscope.oci import media, reference
from pullscope.oci.digest import Digest
from pullscope.oci.documents import Descriptor, Manifest
from pullscope.oci.platform import WASI, Platform
from pullscope.pull.flavours import Flavour
from pullscope.remote.registries import Registries

TWICE = (
    "unable to pull image or OCI artifact: pull image err: initializing source docker://{ref}: {tail}; "
    "artifact err: image reference: get manifest from ref: create image source: {tail}"
)
COPYING = "unable to pull image or OCI artifact: pull image err: copying system image from manifest list: "
COPIED = "; artifact err: image reference: reference is a container image, not an OCI artifact"


async def failing(w: World, name: str, auth: AuthConfig | None = None) -> CriError:
    """Pull what cannot be pulled; nothing may be left of it."""
    before = await w.runtime.list_images(), sorted(path.name for path in (w.root / "node" / "trees").iterdir())
    with pytest.raises(CriError) as raised:
        await w.runtime.pull_image(name, auth)
    after = await w.runtime.list_images(), sorted(path.name for path in (w.root / "node" / "trees").iterdir())
    assert after == before
    return raised.value


# ------------------------------------------------------------------------------------------------ what is asked


async def test_the_manifest_is_asked_for_every_time_and_layers_once(w: World) -> None:
    await w.push(w.name())
    await w.runtime.pull_image(w.name())
    first = w.asked()
    assert first == ["GET manifest 200"] * 2 + ["GET blob 200"] * 4  # index, manifest, config, three layers
    await w.runtime.pull_image(w.name())
    assert w.asked()[len(first) :] == ["GET manifest 200"] * 2
    await w.push(w.name(), labels={"case": "6"})
    before = len(w.asked())
    await w.runtime.pull_image(w.name())
    assert w.asked()[before:] == ["GET manifest 200"] * 2 + ["GET blob 200"]  # only the config is new


async def test_a_node_downloads_what_it_lacks_though_another_has_it(w: World) -> None:
    await w.push(w.name())
    await w.runtime.pull_image(w.name())
    before = len(w.asked())
    other = EmbeddedRuntime(w.root / "other", w.blobs, w.clock, Registries(w.http))
    await other.pull_image(w.name())
    await other.close()
    assert w.asked()[before:].count("GET blob 200") == 4


async def test_identical_pulls_at_once_are_one(w: World) -> None:
    await w.push(w.name())
    found = await asyncio.gather(*(w.runtime.pull_image(w.name()) for _ in range(5)))
    assert len(set(found)) == 1
    assert len(w.asked()) == 6


async def test_with_containerd_each_pull_asks_and_layers_come_once(tmp_path: Path) -> None:
    async with world(tmp_path, flavour="containerd") as w:
        await w.push(w.name())
        found = await asyncio.gather(*(w.runtime.pull_image(w.name()) for _ in range(3)))
        assert len(set(found)) == 1
        assert (w.asked().count("GET manifest 200"), w.asked().count("GET blob 200")) == (6, 4)


async def test_a_layer_that_two_pulls_want_is_fetched_once(w: World) -> None:
    await w.push(w.name(), "node.war")
    await w.push(w.name("other/app"), "registry.war")
    pulls = (w.runtime.pull_image(name) for name in (w.name(), w.name("other/app")))
    assert len(set(await asyncio.gather(*pulls))) == 2
    fetched = [*w.asked(), *w.asked("other/app")].count("GET blob 200")
    apart = await _fetched_alone(w)
    assert fetched < apart
    assert fetched == len(w.held()) - 4  # two indexes and two manifests are no blobs of the registry


async def _fetched_alone(w: World) -> int:
    """How many blobs two nodes fetch that pull one image each."""
    before = len(w.asked()) + len(w.asked("other/app"))
    for number, name in enumerate((w.name(), w.name("other/app"))):
        node = EmbeddedRuntime(w.root / f"alone-{number}", MemoryStore(), w.clock, Registries(w.http))
        await node.pull_image(name)
        await node.close()
    return len(w.asked()) + len(w.asked("other/app")) - before - 4


async def test_removing_an_image_frees_what_no_other_needs(w: World) -> None:
    await w.push(w.name())
    await w.runtime.pull_image(w.name())
    kept = w.held()
    await w.push(w.name("other/app"), "registry.war")
    await w.runtime.pull_image(w.name("other/app"))
    assert w.held() > kept
    await w.runtime.remove_image(w.name("other/app"))
    assert w.held() == kept
    await w.runtime.remove_image(w.name())
    assert w.held() == set()
    assert list((w.root / "node" / "trees").iterdir()) == []
    await w.runtime.pull_image(w.name())
    assert w.held() == kept


async def test_a_shared_store_is_told_what_a_node_no_longer_needs(w: World) -> None:
    released: set[Digest] = set()
    other = EmbeddedRuntime(w.root / "other", w.blobs, w.clock, Registries(w.http), release=released.update)
    await w.push(w.name())
    await other.pull_image(w.name())
    await other.remove_image(w.name())
    await other.close()
    assert {str(digest) for digest in released} == w.held()


# ------------------------------------------------------------------------------------------------ platforms


async def test_of_an_index_the_wasi_image_is_taken_first(w: World) -> None:
    root = await w.push(w.name())
    await w.runtime.pull_image(w.name())
    status = await w.runtime.image_status(w.name())
    assert status is not None
    assert status.repo_digests == (str(reference.parse(w.name()).with_digest(root.digest)),)
    assert (w.root / "node" / "trees" / status.id / "deployments" / "node.war").is_file()


async def test_an_index_without_a_fitting_platform(w: World) -> None:
    store = MemoryStore()
    image = build.image(store, Platform("linux", "s390x"), {}, [])
    await w.push_root(w.name(), store, build.index(store, [image]))
    error = await failing(w, w.name())
    assert error.message.startswith(
        "unable to pull image or OCI artifact: pull image err: choosing an image from manifest list "
        f"docker://{w.name()}: no image found in image index for architecture"
    )


async def test_docker_manifests_and_uncompressed_layers_are_images_too(w: World) -> None:
    store = MemoryStore()
    plain = tars.tar([tars.file("deployments/old.war", b"old")])
    layer = Descriptor.of(media.OCI_LAYER, plain)
    content.put(store, plain)
    config = json.dumps(
        {"os": "wasip1", "architecture": "wasm32", "rootfs": {"diff_ids": [str(Digest.of(plain))]}, "config": None}
    ).encode()
    content.put(store, config)
    manifest = Manifest.of(Descriptor.of(media.DOCKER_CONFIG, config), [layer], media_type=media.DOCKER_MANIFEST)
    content.put(store, manifest.raw)
    await w.push_root(w.name(), store, manifest.descriptor)
    image_id = await w.runtime.pull_image(w.name())
    assert (w.root / "node" / "trees" / image_id / "deployments" / "old.war").read_text() == "old"
    with pytest.raises(CriError, match="no command specified"):
        await w.container(await w.sandbox(), w.name())


# ------------------------------------------------------------------------------------------------ hostile and broken images


async def test_a_hostile_layer_is_refused_and_leaves_nothing(w: World) -> None:
    store = MemoryStore()
    blob, diff_id = tars.layer(tars.file("../escape", b"x"))
    descriptor = Descriptor.of(media.OCI_LAYER_GZIP, blob.getvalue())
    content.put(store, blob.getvalue())
    image = build.image(store, WASI, {}, [layers.Layer(descriptor, diff_id)])
    await w.push_root(w.name(), store, image)
    error = await failing(w, w.name())
    expected = f"writing blob: adding layer with blob \"{descriptor.digest}\": processing tar file(the name leads out of the root: '../escape')"
    assert error.message == COPYING + expected + COPIED
    assert list(w.root.rglob("escape")) == []
    assert w.held() == set()


async def test_a_layer_that_is_not_what_the_config_says(w: World) -> None:
    store = MemoryStore()
    layer = layers.write(store, [layers.Entry("a", b"x")])
    image = build.image(store, WASI, {}, [layers.Layer(layer.descriptor, Digest.of(b"else"))])
    await w.push_root(w.name(), store, image)
    assert "layers diffID mismatch" in (await failing(w, w.name())).message


async def test_a_config_that_names_other_layers_than_the_manifest(w: World) -> None:
    store = MemoryStore()
    image = build.image(store, WASI, {}, [])
    config = Manifest.parse(content.get(store, image.digest)).config
    manifest = Manifest.of(config, [layers.write(store, []).descriptor])
    content.put(store, manifest.raw)
    await w.push_root(w.name(), store, manifest.descriptor)
    assert (await failing(w, w.name())).message == f"{COPYING}the config names 0 layers, the manifest 1{COPIED}"


async def test_an_artifact_is_not_an_image(w: World) -> None:
    store = MemoryStore()
    content.put(store, b"{}")
    artifact = Manifest.of(Descriptor.of("application/vnd.oci.empty.v1+json", b"{}"), [])
    content.put(store, artifact.raw)
    await w.push_root(w.name(), store, artifact.descriptor)
    assert "is no media type of an image config" in (await failing(w, w.name())).message


async def test_a_full_disk_is_said_and_leaves_nothing(tmp_path: Path) -> None:
    async with world(tmp_path, blobs=DiskStore(tmp_path / "blobs")) as w:
        await w.push(w.name(), {"large.war": b"\0" * 3_000_000})
        with files_end_at(2_000_000):
            error = await failing(w, w.name())
            assert error.message == f"{COPYING}writing blob: no space left on device{COPIED}"
            await w.push(w.name("small/app"))
            await w.runtime.pull_image(w.name("small/app"))


# ------------------------------------------------------------------------------------------------ registries that say no


async def test_a_missing_tag(w: World) -> None:
    await w.push(w.name())
    tail = f"reading manifest v2 in {w.registry}/team/app: manifest unknown"
    error = await failing(w, w.name(tag="v2"))
    assert (error.message, error.code, error.reason) == (TWICE.format(ref=w.name(tag="v2"), tail=tail), "Unknown", None)


async def test_a_registry_that_does_not_listen(w: World) -> None:
    error = await failing(w, "127.0.0.1:1/team/app:v1")
    expected = (
        "RegistryUnavailable: unable to pull image: initializing source docker://127.0.0.1:1/team/app:v1: pinging container "
        'registry 127.0.0.1:1: Get "http://127.0.0.1:1/v2/": dial tcp 127.0.0.1:1: connect: connection refused'
    )
    assert (error.message, error.reason) == (expected, "RegistryUnavailable")


async def test_a_name_that_is_none(w: World) -> None:
    error = await failing(w, "Not/A/Name")
    assert error.code == "InvalidArgument"


Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def registry_of(answer: Answer) -> AsyncIterator[str]:
    """A registry that answers everything below /v2/ as it likes."""
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(app, shutdown_timeout=0)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield "{}:{}".format(*runner.addresses[0][:2])
    finally:
        await runner.cleanup()


@pytest.mark.parametrize(
    ("status", "body", "headers", "tail"),
    [
        (500, {}, {}, "received unexpected HTTP status: 500 Internal Server Error"),
        (503, {}, {}, "received unexpected HTTP status: 503 Service Unavailable"),
        (403, {"errors": [{"code": "DENIED"}]}, {}, "denied"),
        (404, {"errors": [{"code": "NAME_UNKNOWN"}]}, {}, "name unknown"),
        (404, {}, {}, "manifest unknown"),
        (401, {}, {"WWW-Authenticate": "Basic realm=x"}, "authentication required"),
    ],
)
async def test_what_registries_answer(
    w: World, status: int, body: Mapping[str, object], headers: Mapping[str, str], tail: str
) -> None:
    async def answer(_: web.Request) -> web.Response:
        return web.json_response(body, status=status, headers=headers)

    async with registry_of(answer) as host:
        error = await failing(w, f"{host}/e/x:v1")
        tail = f"reading manifest v1 in {host}/e/x: {tail}"
        assert error.message == TWICE.format(ref=f"{host}/e/x:v1", tail=tail)


async def test_credentials_are_shown_when_asked_for(w: World) -> None:
    async def answer(request: web.Request) -> web.Response:
        if request.headers.get("Authorization") != f"Basic {base64.b64encode(b'user:right').decode()}":
            return web.json_response({}, status=401, headers={"WWW-Authenticate": "Basic realm=x"})
        return web.json_response({}, status=404)

    async with registry_of(answer) as host:
        wrong = await failing(w, f"{host}/e/x:v1", AuthConfig("user", "wrong"))
        right = await failing(w, f"{host}/e/x:v1", AuthConfig("user", "right"))
    assert "authentication required" in wrong.message
    assert "manifest unknown" in right.message


@pytest.mark.parametrize(
    ("flavour", "moments", "said"),
    [
        ("cri-o", [0, 2, 6, 14, 30], "reading manifest v1 in {host}/e/x: toomanyrequests"),
        ("containerd", [0] * 6, "failed with status code [manifests v1]: 429 Too Many Requests"),
    ],
)
async def test_too_many_requests_are_tried_again_within_the_pull(
    tmp_path: Path, flavour: Flavour, moments: list[float], said: str
) -> None:
    asked: list[float] = []
    clock = ManualClock()

    async def answer(_: web.Request) -> web.Response:
        asked.append(clock.monotonic())
        return web.json_response({}, status=429)

    async with world(tmp_path, clock=clock, flavour=flavour) as w, registry_of(answer) as host:
        pulling = asyncio.ensure_future(failing(w, f"{host}/e/x:v1"))
        while not pulling.done():
            await asyncio.wait((pulling,), timeout=0.005)
            wake = clock.next_wake()
            clock.advance(wake or 0)
        assert said.format(host=host) in (await pulling).message
    assert asked == moments


async def stored(w: World, name: str) -> tuple[MemoryStore, Descriptor]:
    store = MemoryStore()
    root = probe.variant(store, "node.war")
    await w.push_root(name, store, root)
    return store, root


@pytest.mark.parametrize(
    ("kind", "spoil", "expected"),
    [
        (
            "manifests",
            "other",
            (
                "determining manifest MIME type for docker://{name}:{ref}: "
                "Manifest does not match provided manifest digest {digest}"
            ),
        ),
        ("blobs", "other", "writing blob: happened during read: Digest did not match, expected {digest}, got {other}"),
        ("blobs", "missing", "reading blob {digest}: fetching blob: blob unknown to registry"),
    ],
)
async def test_a_registry_that_lies_or_breaks(w: World, kind: str, spoil: str, expected: str) -> None:
    """One blob or manifest, asked for by its digest, is not what it should be."""
    store, _ = await stored(w, w.name())
    spoilt: list[str] = []

    async def answer(request: web.Request) -> web.StreamResponse:
        what, _, digest = request.path.rpartition("/")
        by_digest = what.endswith(f"/{kind}") and ":" in digest
        async with w.http.get(
            f"http://{w.registry}{request.path}", headers={"Accept": request.headers["Accept"]}
        ) as real:
            body, content_type = await real.read(), real.headers["Content-Type"]
        if not by_digest or (spoilt and digest not in spoilt):
            return web.Response(body=body, content_type=content_type)
        spoilt.append(digest)
        if spoil == "missing":
            return web.json_response({"errors": [{"code": "BLOB_UNKNOWN"}]}, status=404)
        return web.Response(body=bytes([body[0] ^ 1]) + body[1:], content_type=content_type)

    async with registry_of(answer) as host:
        error = await failing(w, f"{host}/team/app:v1")
    body = content.get(store, Digest.parse(spoilt[0]))
    other = Digest.of(bytes([body[0] ^ 1]) + body[1:])
    assert expected.format(ref="v1", name=f"{host}/team/app", digest=spoilt[0], other=other) in error.message


# ------------------------------------------------------------------------------------------------ pulls that are cut


async def test_a_cut_pull_leaves_nothing_half_written(tmp_path: Path) -> None:
    blobs = DiskStore(tmp_path / "blobs")
    async with world(tmp_path, blobs=blobs) as w:
        await w.push(w.name(), {"large.war": gzip.compress(bytes(range(256)) * 40_000)})
        reached, go_on = asyncio.Event(), asyncio.Event()

        async def answer(request: web.Request) -> web.StreamResponse:
            if "/blobs/" in request.path:
                reached.set()
                await go_on.wait()
            async with w.http.get(
                f"http://{w.registry}{request.path}", headers={"Accept": request.headers["Accept"]}
            ) as real:
                return web.Response(body=await real.read(), content_type=real.headers["Content-Type"])

        async with registry_of(answer) as host:
            name = f"{host}/team/app:v1"
            one, two = (asyncio.ensure_future(w.runtime.pull_image(name)) for _ in range(2))
            await reached.wait()
            one.cancel()
            await asyncio.wait((one,))
            assert not two.done()  # the other still wants it
            two.cancel()
            await asyncio.wait((two,))
            again = asyncio.ensure_future(w.runtime.pull_image(name))
            go_on.set()
            image_id = await again
        assert [image.id for image in await w.runtime.list_images()] == [image_id]
        assert list((tmp_path / "blobs" / "uploads").iterdir()) == []
