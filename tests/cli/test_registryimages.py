"""`pullscope registry ls|rm|tag`, against a registry on a socket."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.registry.serving import Served, serving

from pullscope.base.errors import UsageError
from pullscope.cli import registryimages
from pullscope.content.memory import MemoryStore
from pullscope.images import probe
from pullscope.oci import reference
from pullscope.remote import transfer
from pullscope.remote.client import RegistryClient
from pullscope.remote.errors import ManifestUnknownError


@pytest.fixture
async def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Served]:
    monkeypatch.setenv("REGISTRY_AUTH_FILE", str(tmp_path / "none.json"))  # not the user's own
    async with serving(None) as running:
        yield running


async def push(served: Served, name: str, war: str) -> str:
    store = MemoryStore()
    root = probe.variant(store, war)
    await transfer.push(
        RegistryClient(served.session, served.address), reference.parse(f"{served.address}/{name}"), store, root
    )
    return str(root.digest)


async def test_tags_are_listed_moved_and_taken_away(served: Served) -> None:
    old, new = await push(served, "a/b:v1", "old.war"), await push(served, "a/b:v2", "new.war")
    other = await push(served, "c:v1", "old.war")
    assert await registryimages.listed(served.address) == [("a/b", "v1", old), ("a/b", "v2", new), ("c", "v1", other)]
    name = f"{served.address}/a/b"
    assert await registryimages.tag(f"{name}:v2", f"{name}:v1") == (f"{name}:v1", new)
    assert await registryimages.listed(served.address, "a/b") == [("a/b", "v1", new), ("a/b", "v2", new)]
    assert await registryimages.tag(f"{name}@{old}", f"{name}:v1") == (f"{name}:v1", old)
    assert await registryimages.remove(f"{name}:v2") == f"{name}:v2"
    assert await registryimages.remove(f"{name}@{old}") == f"{name}@{old}"
    assert await registryimages.listed(served.address, "a/b") == []
    with pytest.raises(ManifestUnknownError):
        await registryimages.remove(f"{name}:v2")


@pytest.mark.parametrize(
    ("source", "target", "text"),
    [
        ("r.test/a", "r.test/a:v1", "r.test/a has no tag"),
        ("r.test/a:v1", "r.test/b:v1", "r.test/b:v1 is not in the repository r.test/a"),
        ("r.test/a:v1", f"r.test/a@sha256:{'0' * 64}", "names no tag"),
        ("r.test/A:v1", "r.test/a:v1", "r.test/A:v1 is not the name of an image"),
    ],
)
async def test_names_that_make_no_sense(source: str, target: str, text: str) -> None:
    with pytest.raises(UsageError) as refused:
        await registryimages.tag(source, target)
    assert text in refused.value.message
