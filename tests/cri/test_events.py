"""Who listens hears everything from then on, and the end."""

from pullscope.cri.api import ContainerEvent, ContainerEventType, PodSandbox, PodSandboxConfig, PodSandboxState
from pullscope.cri.embedded.events import Events

POD = PodSandbox("sandbox", PodSandboxConfig("pod", "uid", "default"), PodSandboxState.READY, 0)


async def test_every_listener_hears_what_happens_after_it_began() -> None:
    events = Events()
    first = events.listen()
    events.tell("one", ContainerEventType.CREATED, POD)
    second = events.listen()
    events.tell("one", ContainerEventType.STARTED, POD)
    events.close()
    kinds = [[event.type async for event in listener] for listener in (first, second)]
    assert kinds == [[ContainerEventType.CREATED, ContainerEventType.STARTED], [ContainerEventType.STARTED]]
    assert [event async for event in events.listen()] == []


async def test_an_event_names_container_sandbox_and_pod() -> None:
    events = Events()
    listener = events.listen()
    events.tell("one", ContainerEventType.DELETED, POD)
    assert await anext(listener) == ContainerEvent("one", ContainerEventType.DELETED, "sandbox", "uid")
