"""Clients that push small images until the registry is gone, and what a registry holds of them afterwards.

Keys are `REPOSITORY` for its tag v1, whose value is the manifest's digest, and `REPOSITORY@DIGEST` for a blob.
"""

import asyncio
import hashlib
import json
import random
from typing import Any

import aiohttp
from tests.killing.ledger import Found, Ledger

WHOLE = "whole"
_REPOSITORIES = 4  # of one pusher
_SIZES = (100, 300_000)
_MEDIA = "application/vnd.oci.image"
_MANIFEST = f"{_MEDIA}.manifest.v1+json"


def session(registry: str) -> aiohttp.ClientSession:
    return aiohttp.ClientSession(f"http://{registry}", headers={"Accept": _MANIFEST})


async def push(http: aiohttp.ClientSession, tags: Ledger, blobs: Ledger, who: str, chance: random.Random) -> None:
    """Push another image under the same tag, over and over."""
    while True:
        repository = f"killed/{who}-{chance.randrange(_REPOSITORIES)}"
        parts = [chance.randbytes(size) for size in _SIZES]
        for part in parts:
            await _upload(http, blobs, repository, part)
        raw = json.dumps(_manifest(*parts)).encode()
        tags.attempt(repository, _digest(raw))
        url = f"/v2/{repository}/manifests/v1"
        async with http.put(url, data=raw, headers={"Content-Type": _MANIFEST}) as answer:
            assert answer.status == 201, await answer.text()
        tags.acknowledge(repository)


async def _upload(http: aiohttp.ClientSession, blobs: Ledger, repository: str, blob: bytes) -> None:
    """In two pieces, so that half of it may be what the registry has when it is killed."""
    key, half = f"{repository}@{_digest(blob)}", len(blob) // 2
    blobs.attempt(key, WHOLE)
    async with http.post(f"/v2/{repository}/blobs/uploads/") as answer:
        place = answer.headers["Location"]
    async with http.patch(place, data=blob[:half]) as answer:
        place = answer.headers["Location"]
    async with http.put(place, params={"digest": _digest(blob)}, data=blob[half:]) as answer:
        assert answer.status == 201, await answer.text()
    blobs.acknowledge(key)


def _manifest(config: bytes, layer: bytes) -> dict[str, Any]:
    return {
        "schemaVersion": 2,
        "mediaType": _MANIFEST,
        "config": {"mediaType": f"{_MEDIA}.config.v1+json", "digest": _digest(config), "size": len(config)},
        "layers": [{"mediaType": f"{_MEDIA}.layer.v1.tar", "digest": _digest(layer), "size": len(layer)}],
    }


async def tagged(http: aiohttp.ClientSession, repositories: list[str]) -> dict[str, Found]:
    """The digest of each repository's image, where it has one; all of the image must be there."""
    found = await asyncio.gather(*(_tag(http, repository) for repository in repositories))
    return {key: Found(value) for key, value in zip(repositories, found, strict=True) if value is not None}


async def held(http: aiohttp.ClientSession, keys: list[str]) -> dict[str, Found]:
    """Whether the blobs that are there are whole."""
    found = await asyncio.gather(*(_blob(http, key) for key in keys))
    return {key: Found(value) for key, value in zip(keys, found, strict=True) if value is not None}


async def _tag(http: aiohttp.ClientSession, repository: str) -> str | None:
    async with http.get(f"/v2/{repository}/manifests/v1") as answer:
        raw = await answer.read()
    if answer.status == 404:
        return None
    manifest = json.loads(raw)
    parts = [manifest["config"], *manifest["layers"]]
    whole = [await _blob(http, f"{repository}@{part['digest']}") for part in parts]
    return _digest(raw) if whole == [WHOLE] * len(parts) else f"an image of which parts are {whole}"


async def _blob(http: aiohttp.ClientSession, key: str) -> str | None:
    repository, _, digest = key.partition("@")
    async with http.get(f"/v2/{repository}/blobs/{digest}") as answer:
        content = await answer.read()
    if answer.status == 404:
        return None
    return WHOLE if answer.ok and _digest(content) == digest else f"{answer.status}, {len(content)} bytes"


def _digest(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"
