"""Which entry of an index is pulled."""

import pytest

from pullscope.oci import media, platform
from pullscope.oci.digest import Digest
from pullscope.oci.documents import Descriptor, Index
from pullscope.oci.platform import WASI, Platform


def _index(*texts: str) -> Index:
    return Index.of(
        [
            Descriptor(media.OCI_MANIFEST, Digest.of(text.encode()), 1, platform=Platform.parse(text) if text else None)
            for text in texts
        ]
    )


@pytest.mark.parametrize(
    ("entries", "wanted", "chosen"),
    [
        (["linux/amd64", "linux/arm64"], ["linux/arm64"], "linux/arm64"),
        (["linux/arm64/v8"], ["linux/aarch64"], "linux/arm64/v8"),
        (["linux/amd64", "wasi/wasm"], ["wasi/wasm", "linux/amd64"], "wasi/wasm"),
        (["linux/amd64", "wasip1/wasm"], ["wasi/wasm"], "wasip1/wasm"),
        (["linux/amd64"], ["wasi/wasm", "linux/amd64"], "linux/amd64"),
        (["linux/arm/v6", "linux/arm/v5"], ["linux/arm/v7"], "linux/arm/v6"),
        (["linux/arm/v6", "linux/arm/v7"], ["linux/arm"], "linux/arm/v7"),
        (["linux/arm/v8"], ["linux/arm/v7"], None),
        (["linux/amd64", "linux/amd64/v3"], ["linux/amd64/v3"], "linux/amd64/v3"),
        (["linux/amd64"], ["linux/amd64/v3"], "linux/amd64"),
        (["linux/amd64/v3"], ["linux/amd64"], None),
        (["unknown/unknown", "linux/amd64"], ["linux/s390x"], None),
        (["", "linux/amd64"], ["linux/amd64"], "linux/amd64"),
        (["linux/amd64", ""], ["linux/arm64"], ""),
        ([], ["linux/amd64"], None),
    ],
)
def test_choice(entries: list[str], wanted: list[str], chosen: str | None) -> None:
    found = platform.choose(_index(*entries), [Platform.parse(text) for text in wanted])
    assert (found and found.digest) == (None if chosen is None else Digest.of(chosen.encode()))


def test_of_equals_the_first_wins() -> None:
    first = Descriptor(media.OCI_MANIFEST, Digest.of(b"1"), 1, platform=WASI)
    second = Descriptor(media.OCI_MANIFEST, Digest.of(b"2"), 1, platform=WASI)
    assert platform.choose(Index.of([first, second]), [WASI]) == first


@pytest.mark.parametrize("text", ["", "linux", "linux/", "/amd64", "linux/arm/v7/x", "linux/arm/"])
def test_malformed_platforms_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not os/architecture"):
        Platform.parse(text)


def test_text_and_json() -> None:
    assert str(Platform("linux", "arm", "v7")) == "linux/arm/v7"
    assert Platform("windows", "amd64", os_version="10.0").as_json() == {
        "architecture": "amd64",
        "os": "windows",
        "os.version": "10.0",
    }
