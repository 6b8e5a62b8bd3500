"""Imports: what is kept of an image, and why one fails."""

from collections.abc import AsyncIterator

import aiohttp
import pytest
from tests.remote import peers

from pullscope.content.memory import MemoryStore
from pullscope.images import probe
from pullscope.oci import reference
from pullscope.oci.platform import WASI, Platform
from pullscope.pull.mirrors import Mirror, Rules
from pullscope.remote import errors, imports, transfer, transport
from pullscope.remote.registries import Registries

NAME = reference.literal("registry.test/team/app:v1")
PLATFORMS = [WASI, Platform("linux", "amd64")]


@pytest.fixture
async def ways() -> AsyncIterator[Registries]:
    """Registries in which registry.test is one of ours that has the probe."""
    async with peers.ours() as address, aiohttp.ClientSession() as session:
        found = Registries(session, addresses={"registry.test": address})
        store = MemoryStore()
        await transfer.push(found.client(NAME), NAME, store, probe.variant(store, "node.war"))
        yield found


async def test_of_an_index_the_image_is_kept_that_runs_here(ways: Registries) -> None:
    imported = await imports.image(ways, NAME, PLATFORMS)
    image = imported.image
    assert image["dockerImageReference"] == f"registry.test/team/app@{image['metadata']['name']}"
    assert image["dockerImageMetadata"]["Architecture"] == "wasm"
    assert imported.parts == ()


async def test_or_the_index_itself_with_all_its_images(ways: Registries) -> None:
    imported = await imports.image(ways, NAME, PLATFORMS, original=True)
    listed = [entry["digest"] for entry in imported.image["dockerImageManifests"]]
    assert [part["metadata"]["name"] for part in imported.parts] == listed
    assert len(listed) == 3


async def test_a_mirror_is_asked_first_and_the_image_keeps_its_name(ways: Registries) -> None:
    rules = Rules((Mirror("far.test/a", "missing.test/x"), Mirror("far.test/a", "registry.test/team")))
    addresses = {**ways.addresses, "missing.test": ways.addresses["registry.test"]}
    mirrored = Registries(ways.session, addresses, lambda: rules)
    imported = await imports.image(mirrored, reference.literal("far.test/a/app:v1"), PLATFORMS)
    assert imported.image["dockerImageReference"].startswith("far.test/a/app@sha256:")
    assert await imports.tags(mirrored, reference.literal("far.test/a/app")) == ["v1"]


@pytest.mark.parametrize(
    ("error", "reason", "message"),
    [
        (
            errors.ManifestUnknownError("h", "x", status=404),
            "NotFound",
            'dockerimage.image.openshift.io "{}" not found',
        ),
        (
            errors.StatusError("h", "x", status=404, code="NAME_UNKNOWN"),
            "NotFound",
            'dockerimage.image.openshift.io "{}" not found',
        ),
        (
            errors.AuthenticationError("h", "x", status=401),
            "Unauthorized",
            'you may not have access to the container image "{}"',
        ),
        (
            errors.RefusedError("h", "connection refused"),
            "InternalError",
            "Internal error occurred: {}: connection refused",
        ),
        (
            errors.StatusError("h", "x", status=429, code="TOOMANYREQUESTS", text="slow"),
            "InternalError",
            "Internal error occurred: {}: slow",
        ),
        (errors.ContentError("h", "odd"), "InternalError", "Internal error occurred: {}: odd"),
    ],
)
def test_failures_are_worded_as_openshift_does(error: errors.RemoteError, reason: str, message: str) -> None:
    refused = imports.refusal(NAME, error)
    assert (refused.reason, refused.message) == (reason, message.format(NAME))


def test_a_registry_without_tls_needs_the_insecure_flag() -> None:
    refused = imports.refusal(NAME, errors.TlsError("h", "http: server gave HTTP response to HTTPS client"))
    assert (
        refused.message == "the repository registry.test/team/app is HTTP only and requires the insecure flag to import"
    )


async def test_what_is_not_there_is_found_out(ways: Registries) -> None:
    with pytest.raises(errors.ManifestUnknownError):
        await imports.image(ways, NAME.with_tag("v2"), PLATFORMS)
    with pytest.raises(errors.PlatformError):
        await imports.image(ways, NAME, [Platform("linux", "s390x")])


async def test_a_registry_without_tls_is_asked_when_that_is_allowed(
    ways: Registries, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Registries of the tests are on loopback, to which plain HTTP is spoken: here TLS is, as to any other host.
    monkeypatch.setattr(transport, "is_loopback", lambda _host: False)
    with pytest.raises(errors.TlsError):
        await imports.image(ways, NAME, PLATFORMS)
    imported = await imports.image(ways, NAME, PLATFORMS, insecure=True)
    assert imported.image["dockerImageReference"].startswith("registry.test/team/app@")
