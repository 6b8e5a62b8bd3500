"""`schemas.zip` is what `extract` makes of the development dependency kubernetes-validate."""

import importlib.util

import pytest

from pullscope.apiserver.schemas import archive, extract


@pytest.mark.skipif(
    importlib.util.find_spec("kubernetes_validate") is None,
    reason="needs the development dependency: pip install 'pullscope[dev]'",
)
def test_the_file_is_what_extract_makes() -> None:
    assert extract.unpacked(extract.ARCHIVE) == extract.files(), (
        "update it: python -m pullscope.apiserver.schemas.extract"
    )


def test_the_packed_file_depends_on_the_content_alone() -> None:
    content = {"a.json": b"{}", "b.json": b"[]"}
    assert extract.packed(content) == extract.packed(content)


def test_every_reference_is_in_the_archive() -> None:
    waiting, seen = list(archive.kinds().values()), set[str]()
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            waiting += extract._references(archive.schema(name))
    assert len(seen) > 300


def test_the_archive_has_the_stable_kinds() -> None:
    kinds = archive.kinds()
    assert {"v1/Pod", "apps/v1/Deployment", "batch/v1/Job", "v1/DeleteOptions"} <= set(kinds)
    assert not [kind for kind in kinds if "alpha" in kind or "beta" in kind]
