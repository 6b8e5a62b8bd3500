"""The Node object: its images as upstream lists them, conditions that keep their times."""

from hypothesis import given
from hypothesis import strategies as st

from pullscope.cri.api import Image, Version
from pullscope.node import machine, nodestatus
from pullscope.node.nodestatus import Machine, Report

MACHINE = Machine(2, 24684096 * 1024, "cri-o://1.37.0", kernel="6.18", os_image="Debian")


def report(*images: Image, now: str = "now") -> Report:
    return Report("crc", "10.88.99.1", "v1.36.2", MACHINE, images, now, 50)


def test_names_are_five_at_most_and_digests_hide_tags() -> None:
    """Recorded: seven names of one image show as five digests and no tag."""
    names = [f"r/name{number}" for number in range(7)]
    many = Image("id", tuple(f"{name}:v1" for name in names), tuple(f"{name}@sha256:1" for name in names), 5)
    (listed,) = nodestatus.images([many], 50)
    assert listed == {"names": [f"r/name{number}@sha256:1" for number in range(5)], "sizeBytes": 5}


@given(st.lists(st.integers(0, 10**9), max_size=80))
def test_the_fifty_largest_images_are_listed_by_size(sizes: list[int]) -> None:
    found = [Image(str(number), size=size) for number, size in enumerate(sizes)]
    assert [image["sizeBytes"] for image in nodestatus.images(found, 50)] == sorted(sizes, reverse=True)[:50]
    assert len(nodestatus.images(found, -1)) == len(found)


def test_conditions_keep_the_time_of_their_change() -> None:
    first = nodestatus.conditions([], "then")
    assert {c["type"]: c["status"] for c in first} == {
        "MemoryPressure": "False",
        "DiskPressure": "False",
        "PIDPressure": "False",
        "Ready": "True",
    }
    again = nodestatus.conditions(first, "now")
    assert {(c["lastTransitionTime"], c["lastHeartbeatTime"]) for c in again} == {("then", "now")}
    unknown = [{**condition, "status": "Unknown"} for condition in first]
    assert {c["lastTransitionTime"] for c in nodestatus.conditions(unknown, "now")} == {"now"}


def test_only_a_heartbeat_is_no_change() -> None:
    first = nodestatus.status(report(now="then"), {})
    assert nodestatus.same(first, nodestatus.status(report(now="now"), first))
    assert not nodestatus.same(first, nodestatus.status(report(Image("i"), now="now"), first))


def test_the_status() -> None:
    status = nodestatus.status(report(), {})
    assert status["capacity"] == status["allocatable"] == {"cpu": "2", "memory": "24684096Ki", "pods": "110"}
    assert status["addresses"][1] == {"type": "Hostname", "address": "crc"}
    assert status["nodeInfo"]["containerRuntimeVersion"] == "cri-o://1.37.0"


def test_this_machine() -> None:
    found = machine.of_this(Version("embedded", "1.0"), pods=500)
    assert found.resources["pods"] == "500"
    assert found.cpus > 0
    assert found.memory > 2**20
    assert found.runtime == "embedded://1.0"
    assert found.os_image
