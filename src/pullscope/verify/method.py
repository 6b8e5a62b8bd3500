"""How the conditions of a case are made: what the methods have in common.

`freshtags` needs no rights on nodes and runs cases side by side; `byhand` does what the tutorial does.
"""

from datetime import datetime
from typing import Any, Protocol

from pullscope.kube.api import Object
from pullscope.verify.case import Case
from pullscope.verify.evidence import Step
from pullscope.verify.making import Making
from pullscope.verify.stage import Ground


class Method(Protocol):
    """Called for each case in this order: `reference`, `set_up`, `mark`, `create`, `requests`, `look`, then `mend` for one that
    failed as it must, and `leave`; for a scenario `play` in place of all but the first and the last. What keeps a case from being made is an ObstacleError, ApiError or RemoteError.
    """

    @property
    def ground(self) -> Ground:
        """The run's surroundings."""

    @property
    def repository_name(self) -> str:
        """The repository as the nodes know it, without a tag."""

    def reference(self, case: Case) -> str:
        """The image as the case's Deployment names it."""

    async def set_up(self, making: Making) -> None:
        """② and ③: the node's image and the registry's, noted as operations."""

    async def create(self, wanted: Object) -> Object:
        """Create the Deployment of ①."""

    async def mark(self) -> int | None:
        """Where the registry's log is now; None where it has none."""

    async def requests(self, mark: int | None, making: Making, started: datetime) -> tuple[dict[str, Any], ...] | None:
        """What the registry was asked about the case's images since."""

    async def look(self, making: Making) -> None:
        """The outcome is there: look at it in the method's own way, if it has one."""

    async def mend(self, making: Making) -> tuple[Step, ...]:
        """Give the case what it lacks, so that a fresh pod of the same template must run."""

    async def play(self, making: Making) -> None:
        """Do a scenario's steps, and see what must be seen."""

    async def leave(self, making: Making) -> None:
        """The case is over, and all about it is known: take away what need not wait for the run's end."""
