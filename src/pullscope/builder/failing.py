"""How a build ends badly: with a reason that the Build keeps, and a text for its log."""

from pullscope.base.errors import PullscopeError
from pullscope.openshift.buildreasons import Reason


class BuildError(PullscopeError):
    """The build fails. `reason` is what its status says, the message goes to its log."""

    def __init__(self, reason: Reason, message: str) -> None:
        super().__init__(message)
        self.reason = reason
