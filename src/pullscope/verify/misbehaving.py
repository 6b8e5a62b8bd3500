"""Registries that misbehave, one for each case that needs one, so that cases do not disturb each other.

Who serves them is no business of what judges: it is handed in.
"""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Protocol

from pullscope.verify import case
from pullscope.verify.evidence import Step
from pullscope.verify.repository import Repository, Request

NONE_SERVED = "the case takes a registry that misbehaves, which pullscope has to serve where the nodes reach it: --serve-registry ADDR"


class Registry(Protocol):
    """One of them. It is a good one until told otherwise."""

    @property
    def repository(self) -> Repository:
        """The only repository in it."""

    def mark(self) -> None:
        """Its log counts from now on."""

    async def misbehave(self, how: case.Registry) -> Step:
        """From now on it does this, and its log counts."""

    async def demand(self, scheme: case.Scheme, accepted: Mapping[str, str]) -> Step:
        """From now on whoever reads must be one of these users, with this password; `bearer`: with a token given for it."""

    async def behave(self) -> Step:
        """It is good again, and everybody may read."""

    def requests(self, started: datetime) -> tuple[Request, ...]:
        """What it was asked since its log counts, with the seconds after `started`; `status` None: not answered yet."""


Serve = Callable[[], AbstractAsyncContextManager[Registry]]
"""Serves another one as long as the block. Raises PullscopeError where it cannot listen."""

Opened = Callable[[], Awaitable[Registry]]
"""Gives another one, that lasts as long as the run."""
