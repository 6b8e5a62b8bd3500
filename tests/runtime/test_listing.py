"""The archives of an image that is not unpacked."""

import tarfile

import pytest
from tests.runtime import tars
from tests.runtime.tars import Item, directory, file

from pullscope.oci.digest import Digest
from pullscope.runtime import listing
from pullscope.runtime.archive import Allowance, LayerError

DEVICE = tars.other("dev/console", tarfile.CHRTYPE)


@pytest.mark.parametrize(
    ("layers", "expected"),
    [
        ([[DEVICE, file("/etc/x"), file("../y.war"), file("app/a.war")]], {}),
        ([[file("deployments/b.war", b"2"), file("./deployments/a.war", b"1"), file("deployments/a.txt")]], {"a": b"1", "b": b"2"}),
        ([[file("deployments/a.war", b"1")], [file("deployments/a.war", b"2")]], {"a": b"2"}),
        ([[file("deployments/a.war", b"1")], [file("deployments/.wh.a.war")]], {}),
        ([[file("deployments/a.war", b"1")], [file(".wh.deployments")]], {}),
        ([[file("deployments/a.war", b"1")], [file("deployments/b.war", b"2"), file("deployments/.wh..wh..opq")]], {"b": b"2"}),
        ([[file("deployments/x/a.war", b"1"), directory("deployments/y.war")]], {}),
    ],
)  # fmt: skip
def test_archives_of_layers(layers: list[list[Item]], expected: dict[str, bytes]) -> None:
    found = listing.archives([tars.layer(*items) for items in layers], Allowance())
    assert found == {f"/deployments/{name}.war": Digest.of(data) for name, data in expected.items()}


def test_an_unreadable_layer_says_which_it_is() -> None:
    good, bad = tars.layer(file("a")), (tars.layer(file("b"))[0], Digest.of(b""))
    with pytest.raises(LayerError, match="diffID mismatch") as raised:
        listing.archives([good, bad], Allowance())
    assert raised.value.layer == 1
