"""One execution of a WASI program, on the thread that calls it: `prepare`, then `run`; `stop` from any other.

wasmtime's own WASI (preview 1) serves files, arguments and output, `hostcalls` the rest. The program sees its root
read-only and its volumes as they are mounted, nothing else of this machine: no sockets, no processes, no environment.
"""

import asyncio
import functools
import threading
from pathlib import Path

import wasmtime

from pullscope.base.clock import Clock
from pullscope.runtime import exits, modules
from pullscope.runtime.cells import Cell
from pullscope.runtime.exits import Exit
from pullscope.runtime.hostcalls import HostCalls, Parked
from pullscope.runtime.program import STDERR, STDOUT, NotExecutableError, Output, Program

_EIO = 5
_LARGEST = 512 * 2**20  # bytes of a program


class Execution:
    """One run of one program."""

    def __init__(self, program: Program, output: Output, clock: Clock, loop: asyncio.AbstractEventLoop) -> None:
        self._program = program
        self._output = output
        self._calls = HostCalls(clock, loop)
        self._lock = threading.Lock()
        self._stopping = False
        self._engine: wasmtime.Engine | None = None

    def stop(self) -> None:
        """End the program wherever it is: asleep, computing, or not begun. `run` then returns."""
        with self._lock:
            self._stopping = True  # before a sleep ends: whoever wakes looks here for why
            if self._engine is not None:
                self._engine.increment_epoch()
        self._calls.stop()

    def prepare(self, cell: Cell) -> None:
        """Load and link the program, for this cell. Raises NotExecutableError, OSError."""
        module, compiled = cell.load(_read(self._program.file))
        self._least_memory = compiled.least_memory
        if not compiled.is_command:
            raise NotExecutableError("not a WASI command: the module exports no _start")
        self._store = wasmtime.Store(cell.engine)
        self._store.set_epoch_deadline(1)
        if self._program.memory_limit:
            self._store.set_limits(memory_size=self._program.memory_limit)
        self._store.set_wasi(self._wasi())
        try:
            self._instance = cell.link(self._store, module, self._calls)
        except wasmtime.WasmtimeError as error:  # something is imported that WASI preview 1 does not have
            raise NotExecutableError(modules.cause(error)) from error
        with self._lock:
            self._engine = cell.engine

    def run(self) -> Exit | Parked:
        """Run to the end; only after `prepare`. Releases all that the execution held of its cell."""
        try:
            limit, needed = self._program.memory_limit, self._least_memory
            if self._stopping:
                return exits.stopped()
            return exits.exceeded_memory(needed, limit) if 0 < limit < needed else self._call()
        finally:
            with self._lock:
                self._engine = None
            self._calls.use_memory(None, self._store)
            for handle in (self._instance, self._store):  # at once: Python's garbage collector may come much later
                handle.close()

    def _call(self) -> Exit | Parked:
        try:
            exports = self._instance.instantiate(self._store).exports(self._store)
            memory, start = exports.get("memory"), exports["_start"]
            self._calls.use_memory(memory if isinstance(memory, wasmtime.Memory) else None, self._store)
            assert isinstance(start, wasmtime.Func)  # looked at in prepare
            start(self._store)
        except wasmtime.Trap as trap:
            return self._calls.ending or self._trapped(trap.trap_code.name if trap.trap_code else "", trap.message)
        except wasmtime.WasmtimeError as error:
            return self._calls.ending or self._trapped("", modules.cause(error))
        return Exit(0)

    def _trapped(self, code: str, message: str) -> Exit:
        return exits.stopped() if self._stopping else exits.trapped(code, message)

    def _wasi(self) -> wasmtime.WasiConfig:
        program = self._program
        wasi = wasmtime.WasiConfig()
        wasi.argv = list(program.args)
        wasi.env = list(program.env)
        wasi.stdout_custom = functools.partial(self._write, STDOUT)
        wasi.stderr_custom = functools.partial(self._write, STDERR)
        _open(wasi, program.root.tree, "/", readonly=True)
        for volume in program.root.volumes:
            _open(wasi, volume.host, volume.path, readonly=volume.readonly)
        working = program.root.find(program.working_dir)
        if working.host.is_dir():  # WASI has no working directory; programs look for relative names under this one
            _open(wasi, working.host, ".", readonly=working.readonly)
        return wasi

    def _write(self, stream: int, data: bytes) -> int:
        try:
            self._output.write(stream, data)
        except OSError as error:
            return -(error.errno or _EIO)
        return len(data)


def _open(wasi: wasmtime.WasiConfig, host: Path, path: str, *, readonly: bool) -> None:
    """Show the program a directory of the host at `path`. Raises OSError: it is not there any more."""
    try:
        wasi.preopen_dir(str(host), path, fs_mutable=not readonly)
    except wasmtime.WasmtimeError as error:  # which does not say why
        raise OSError(_EIO, f"the directory at {path} cannot be opened") from error


def _read(file: Path) -> bytes:
    with file.open("rb") as opened:
        wasm = opened.read(_LARGEST + 1)
    if len(wasm) > _LARGEST:
        raise NotExecutableError(f"larger than {_LARGEST} bytes")
    return wasm
