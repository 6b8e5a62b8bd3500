"""Ask a registry again when nothing is known of why it failed.

Upstream: openshift/builder pkg/build/builder/dockerutil.go (retryImageAction), which tries again whatever the failure was.
"""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from pullscope.builder.job import Job
from pullscope.remote.errors import RemoteError, StatusError, TlsError, UnreachedError

_RETRIES = 2
_DELAY = 5  # seconds
_OVERLOADED = (429, 500, 502, 503, 504)

_T = TypeVar("_T")


async def run(job: Job, what: str, action: Callable[[], Awaitable[_T]]) -> _T:
    """What the action gives. `what` is `Pull` or `Push`. Raises RemoteError of the last try."""
    for _ in range(_RETRIES):
        try:
            return await action()
        except RemoteError as error:
            if not _may_pass(error):
                raise
        job.say(f"Warning: {what} failed, retrying in {_DELAY}s ...")
        await job.context.clock.sleep(_DELAY)
    return await action()


def told(what: str, error: RemoteError, text: str) -> str:
    """What is said of the failure in the end."""
    if not _may_pass(error):
        return text
    return f"After retrying {_RETRIES} times, {what} image still failed due to error: {text}"


def _may_pass(error: RemoteError) -> bool:
    if isinstance(error, StatusError):
        return error.status in _OVERLOADED
    return isinstance(error, UnreachedError) and not isinstance(error, TlsError)
