"""The programs by their names, as `EmbeddedRuntime(words=…)` takes them."""

import functools
from collections.abc import Awaitable, Callable, Sequence

from pullscope.base.errors import PullscopeError
from pullscope.builder.failing import BuildError
from pullscope.builder.job import Job, Powers
from pullscope.openshift import builder, buildreasons, builds
from pullscope.runtime.toolbox.context import Context, Programs

_Step = Callable[[Job], Awaitable[None]]
_CONTAINERS = (builds.SOURCE_CONTAINER, builds.DOCKERFILE_CONTAINER, *builds.CONTAINERS.values())


def programs(powers: Powers) -> Programs:
    """A word for each container of a build's pod."""
    return {builder.word(name): functools.partial(_run, powers, name) for name in _CONTAINERS}


def _step(container: str) -> _Step:
    """What the container does."""
    from pullscope.builder import dockerfile, receiving, strategies  # noqa: PLC0415 (few labs build, and these are many)

    steps: dict[str, _Step] = {
        builds.SOURCE_CONTAINER: receiving.run,
        builds.DOCKERFILE_CONTAINER: dockerfile.run,
        builds.CONTAINERS["sourceStrategy"]: strategies.source,
        builds.CONTAINERS["dockerStrategy"]: strategies.docker,
    }
    return steps[container]


async def _run(powers: Powers, container: str, context: Context, _arguments: Sequence[str]) -> int:
    try:
        job = Job(powers, context)
    except BuildError as error:
        context.complain(f"error: {error.message}")
        return 1
    try:
        await _step(container)(job)
    except BuildError as error:
        context.complain(f"error: {error.message}")
        await job.fail(error.reason)
    except PullscopeError as error:
        context.complain(f"error: {error.message}")
        await job.fail(buildreasons.GENERIC)
    except OSError as error:
        context.complain(f"error: {error.strerror or error}")
        await job.fail(buildreasons.GENERIC)
    else:
        return 0
    return 1
