"""The programs by their names, as `EmbeddedRuntime(words=…)` takes them."""

import functools
from collections.abc import Awaitable, Callable, Sequence

from pullscope.base.errors import PullscopeError
from pullscope.builder import dockerfile, receiving, strategies
from pullscope.builder.failing import BuildError
from pullscope.builder.job import Job, Powers
from pullscope.openshift import builder, buildreasons, builds
from pullscope.runtime.toolbox.context import Context, Programs

_Step = Callable[[Job], Awaitable[None]]
_STEPS: dict[str, _Step] = {
    builds.SOURCE_CONTAINER: receiving.run,
    builds.DOCKERFILE_CONTAINER: dockerfile.run,
    builds.CONTAINERS["sourceStrategy"]: strategies.source,
    builds.CONTAINERS["dockerStrategy"]: strategies.docker,
}


def programs(powers: Powers) -> Programs:
    """A word for each container of a build's pod."""
    return {builder.word(name): functools.partial(_run, powers, step) for name, step in _STEPS.items()}


async def _run(powers: Powers, step: _Step, context: Context, _arguments: Sequence[str]) -> int:
    try:
        job = Job(powers, context)
    except BuildError as error:
        context.complain(f"error: {error.message}")
        return 1
    try:
        await step(job)
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
