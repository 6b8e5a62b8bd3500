"""Faults on demand: what a registry is told to do wrong, of which repository, for how long. [no I/O]

`Faults` holds them and decides which ones a request meets; `faulty` carries them out. Docker Hub's limit is told in its own
headers (https://docs.docker.com/docker-hub/usage/pulls/): a pull is up to two GETs of manifests, in a window of six hours.
"""

import itertools
from collections.abc import Collection, Iterator
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from pullscope.base.clock import Clock
from pullscope.base.errors import UsageError
from pullscope.oci import reference
from pullscope.registry.routes import Route

WINDOW = 21600.0
"""Seconds of a rate limit's window."""

_MAX_SECONDS = 24 * 3600.0


@dataclass(frozen=True)
class Fault:
    """What goes wrong, with the requests for `repository` (empty: with all requests, also those that name none).

    `status`: answer with it. `latency`: seconds before each answer. `bandwidth`: bytes a second of blobs. `cut_after`: the
    connection ends after so many bytes of a blob. `wrong_digest`: blobs, and manifests by digest, are not what they are called.
    `rate_limit`: so many pulls in a window. `hang`: no answer ever. `reset`: the connection ends without an answer.
    `refuse`: nobody listens any more. `no_repository`: no such repository. It ends after `times` requests that met it, and `seconds` after it began.
    """

    repository: str = ""
    status: int | None = None
    latency: float | None = None
    bandwidth: int | None = None
    cut_after: int | None = None
    wrong_digest: bool = False
    rate_limit: int | None = None
    hang: bool = False
    reset: bool = False
    refuse: bool = False
    no_repository: bool = False
    times: int | None = None
    seconds: float | None = None

    def check(self) -> None:
        """Raises UsageError for what makes no sense."""
        numbers = (self.latency, self.bandwidth, self.times, self.seconds)
        if not self._effects():
            raise UsageError("which fault?", hint="see `pullscope registry fault --help`")
        if self.status is not None and not 400 <= self.status <= 599:
            raise UsageError(f"{self.status} is no status of a failure", hint="one from 400 to 599")
        if any(number is not None and number <= 0 for number in numbers) or (self.latency or 0) > _MAX_SECONDS:
            raise UsageError("numbers of a fault must be positive, and its latency at most a day")
        if any(number is not None and number < 0 for number in (self.cut_after, self.rate_limit)):
            raise UsageError("numbers of a fault cannot be negative")
        if self.repository and not reference.is_repository(self.repository):
            raise UsageError(
                f"{self.repository!r} is no repository", hint="name it without registry, tag and digest, as team/app"
            )
        if self.refuse and (self.repository or self.times):
            raise UsageError("a registry refuses connections as a whole", hint="reset ends those of one repository")

    def meets(self, route: Route, method: str) -> bool:
        """Whether it can spoil this request: `times` counts those alone."""
        if self.refuse or self.repository not in ("", route.repository):
            return False
        if self.status is not None or self.no_repository:
            return route.kind != "base"  # clients ask this first; what fails is what they come for
        if self.latency or self.hang or self.reset:
            return True
        if self.rate_limit is not None and route.kind == "manifest":
            return True
        by_digest = route.kind == "blob" or (self.wrong_digest and route.is_by_digest)
        sent = self.wrong_digest or bool(self.bandwidth) or self.cut_after is not None
        return method == "GET" and by_digest and sent

    def _effects(self) -> list[tuple[str, Any]]:
        limits = ("repository", "times", "seconds")
        said = ((name, value) for name, value in asdict(self).items() if name not in limits)
        return [(name, value) for name, value in said if value is not None and value is not False]  # 0 is a limit

    def __str__(self) -> str:
        """As `pullscope registry fault` takes it."""
        words = (
            name.replace("_", "-") + ("" if value is True else f"={_plain(value)}") for name, value in self._effects()
        )
        return " ".join([*words, *([f"of {self.repository}"] if self.repository else [])])


def _plain(value: float) -> str:
    return f"{value:g}s" if isinstance(value, float) else str(value)


@dataclass
class Active:
    """A fault that is on. `left`: requests it will still meet; `until`: when it ends, in the clock's monotonic seconds."""

    id: int
    fault: Fault
    left: int | None = None
    until: float | None = None
    window: float = 0.0
    pulls: int = 0
    begun: set[str] = field(default_factory=set)

    def counts(self, route: Route, method: str) -> bool:
        """Whether this request is a pull of its own: of an image for several platforms two GETs are one, as with Docker Hub.

        `begun` are the repositories in which the second one may follow.
        """
        if (route.kind, method) != ("manifest", "GET"):
            return False
        if route.is_by_digest and route.repository in self.begun:
            self.begun.discard(route.repository)
            return False
        self.begun.add(route.repository)
        return True


class Faults:
    """The faults of one registry. For one event loop."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._ids = itertools.count(1)
        self._active: list[Active] = []

    def add(self, fault: Fault) -> Active:
        """Switch it on. Raises UsageError."""
        fault.check()
        now = self._clock.monotonic()
        until = now + fault.seconds if fault.seconds is not None else None
        active = Active(next(self._ids), fault, fault.times, until, window=now)
        self._active.append(active)
        return active

    def clear(self, ids: Collection[int] = ()) -> list[Active]:
        """Switch those off, or all; gives those that were on. Raises UsageError for an id that none has."""
        gone = [each for each in self.active() if not ids or each.id in ids]
        if unknown := set(ids) - {each.id for each in gone}:
            raise UsageError(f"there is no fault {min(unknown)}", hint="`pullscope registry fault` lists them")
        self._active = [each for each in self._active if each not in gone]
        return gone

    def active(self) -> list[Active]:
        """Those that are on now."""
        now = self._clock.monotonic()
        self._active = [each for each in self._active if each.left != 0 and (each.until is None or now < each.until)]
        return self._active

    def met(self, route: Route, method: str) -> list[Fault]:
        """What this request meets, and count it. A spent rate limit is a status of its own: 429."""
        return list(self._met(route, method))

    def _met(self, route: Route, method: str) -> Iterator[Fault]:
        for each in list(self.active()):
            if not each.fault.meets(route, method):
                continue
            if each.left is not None:
                each.left -= 1
            yield self._counted(each, route, method)

    def _counted(self, each: Active, route: Route, method: str) -> Fault:
        """A rate limit with what is left of it, negative when nothing is."""
        limit = each.fault.rate_limit
        if limit is None:
            return each.fault
        now = self._clock.monotonic()
        if now - each.window >= WINDOW:
            each.window, each.pulls = now, 0
        each.pulls += each.counts(route, method)
        return replace(each.fault, rate_limit=limit - each.pulls)
