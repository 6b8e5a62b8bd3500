"""exec and attach on a node: whose streams, and in which words they are refused."""

import pytest
from tests.node.world import World

from pullscope.cri.api import CriError
from pullscope.kube.api import Object
from pullscope.kube.status import ApiError
from pullscope.kube.streams import StreamOptions

APP = StreamOptions("app", ("ls", "/"), stdin=True, stdout=True)


@pytest.fixture
async def running(world: World) -> Object:
    """A pod that runs, whose container has a terminal."""
    world.runtime.refuse |= {"exec": CriError("no such thing"), "attach": CriError("no such thing")}
    return await world.run(container={"tty": True})


async def refused(world: World, pod: Object, what: str, options: StreamOptions) -> str:
    with pytest.raises(ApiError) as raised:
        await getattr(world.kubelet, what)(pod, options)
    assert (raised.value.code, raised.value.reason) == (500, "InternalError")
    return raised.value.message


async def test_what_the_runtime_is_asked(world: World, running: Object) -> None:
    container = world.runtime.only().id
    expected = "Internal error occurred: Internal error occurred: error executing command in container: no such thing"
    assert await refused(world, running, "exec", APP) == expected
    expected = "Internal error occurred: Internal error occurred: error attaching to container: no such thing"
    assert await refused(world, running, "attach", APP) == expected
    assert world.runtime.calls[-2:] == [
        ("exec", f"{container} ['ls', '/'] stdin=True tty=False"),
        ("attach", f"{container} stdin=True tty=True"),
    ]


@pytest.mark.parametrize("what", ["exec", "attach"])
@pytest.mark.parametrize(
    ("options", "why"),
    [
        (StreamOptions("other", ("ls",), stdout=True), 'container not found ("other")'),
        (StreamOptions("app", ("ls",)), "you must specify at least 1 of stdin, stdout, stderr"),
        (StreamOptions("app", ("ls",), stderr=True, tty=True), "you must specify at least 1 of stdin, stdout, stderr"),
    ],
)
async def test_refusals(world: World, running: Object, what: str, options: StreamOptions, why: str) -> None:
    expected = f"Internal error occurred: unable to upgrade connection: {why}"
    assert await refused(world, running, what, options) == expected


async def test_a_container_that_has_ended_is_not_found(world: World, running: Object) -> None:
    world.runtime.end(world.runtime.only().id, 0)
    expected = 'Internal error occurred: unable to upgrade connection: container not found ("app")'
    assert await refused(world, running, "exec", APP) == expected
