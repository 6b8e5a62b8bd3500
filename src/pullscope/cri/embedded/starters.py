"""Start what is in a container: a program in the sandbox, a word of the toolbox, or nothing, for an image of another platform."""

import asyncio

from pullscope.base.clock import Clock
from pullscope.cri.api import CriError
from pullscope.cri.embedded.containers import Container, Made, Running
from pullscope.cri.embedded.launch import Held, RunWord
from pullscope.runtime import exits
from pullscope.runtime.executor import Executor
from pullscope.runtime.exits import Exit
from pullscope.runtime.program import STDOUT, NotExecutableError, Program
from pullscope.runtime.toolbox.process import Process


class Idle:
    """What runs in a held container: nothing, until it is stopped."""

    def __init__(self) -> None:
        self.exited: asyncio.Future[Exit] = asyncio.get_running_loop().create_future()

    def stop(self) -> None:
        """As a process that SIGTERM ends."""
        if not self.exited.done():
            self.exited.set_result(exits.stopped())


class Starters:
    """Knows how each launch is started."""

    def __init__(self, executor: Executor, clock: Clock) -> None:
        self._executor = executor
        self._clock = clock

    async def start(self, container: Container) -> Running:
        """Start it. Raises CriError."""
        made = container.made
        assert made is not None  # containers of an earlier process have exited
        match made.launch:
            case Held():
                return _hold(made)
            case RunWord() as launch:
                context = launch.place.context(self._clock, made.log.write, tty=made.config.tty)
                process = Process(context, launch.run(context))
                if not made.config.stdin:
                    process.close_stdin()
                return process
            case Program() as program:
                return await self._execute(made, program)

    async def _execute(self, made: Made, program: Program) -> Running:
        try:
            return await self._executor.start(program, made.log)
        except NotExecutableError as error:
            raise CriError(f"exec {program.args[0]}: exec format error: {error.message}") from error
        except OSError as error:
            raise CriError(f"exec {program.args[0]}: {error.strerror}") from error


def _hold(made: Made) -> Running:
    lines = [f"held, not executed: the image is for {made.image.platform}, this runtime executes wasi/wasm"]
    lines += [f"from layers, not executed: {path} {digest}" for path, digest in made.image.archives]
    try:
        made.log.write(STDOUT, "".join(f"{line}\n" for line in lines).encode())
    except OSError as error:
        raise CriError(f"writing the log: {error.strerror}") from error
    return Idle()
