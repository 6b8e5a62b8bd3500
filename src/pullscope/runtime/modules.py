"""Compiled programs, by the digest of their WebAssembly: compiled once, kept in memory and, given a directory, on disk.

Every program has an engine of its own while it executes (`cells`), so that it can be interrupted without the others (an
engine's epoch is what interrupts). An engine only loads what was compiled before. Compiled code fits engines that
are configured alike and wasmtime of the same version; wasmtime itself refuses what does not fit. What is loaded is machine
code: the directory must belong to the user alone, and a file whose checksum is wrong is compiled anew.

This module and `sandbox` import wasmtime, which is heavy: nothing imports them before a program runs.
"""

import contextlib
import hashlib
import os
import threading
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import wasmtime

from pullscope.base import files
from pullscope.runtime.program import MAGIC, NotExecutableError

_IN_MEMORY = 64 * 2**20
_ON_DISK = 256 * 2**20
_PAGE = 64 * 2**10
_CHECKSUM = hashlib.sha256().digest_size


def new_engine() -> wasmtime.Engine:
    """An engine configured as all of ours are: small reservations, since many programs live side by side.

    Traps are found by checks in the code, not by signal handlers: those are the process's, and whoever shares it with us
    may replace them, as pytest's faulthandler does.
    """
    config = wasmtime.Config()
    config.epoch_interruption = True
    config.signals_based_traps = False
    config.memory_reservation = 16 * 2**20
    config.memory_reservation_for_growth = 2**20
    config.memory_guard_size = 2**16
    config.memory_init_cow = False  # it would cost every program a file descriptor
    return wasmtime.Engine(config)


def cause(error: wasmtime.WasmtimeError) -> str:
    """wasmtime's message in one line: the last of its causes."""
    return str(error).strip().rpartition("\n")[2].strip()


@dataclass(frozen=True)
class Compiled:
    """Machine code and what there is to know of the program: whether it can be started, and the bytes of memory that it
    begins with. Asking a module for these takes longer than loading it, so they are kept.
    """

    code: bytes
    is_command: bool
    least_memory: int

    @classmethod
    def of(cls, module: wasmtime.Module, code: bytes) -> Self:
        """Look at a module's exports."""
        types = {item.name: item.type for item in module.exports}
        memories = [kind.limits.min * _PAGE for kind in types.values() if isinstance(kind, wasmtime.MemoryType)]
        return cls(code, isinstance(types.get("_start"), wasmtime.FuncType), max(memories, default=0))


class ModuleCache:
    """Compiles and remembers. Used from many threads; two that want the same program wait for one compilation."""

    def __init__(self, directory: Path | None = None, *, on_disk: int = _ON_DISK) -> None:
        """`on_disk`: bytes that the directory may hold before what was used longest ago is removed from it."""
        self._directory = directory
        self._on_disk = on_disk
        self._lock = threading.Lock()
        self._compiled: OrderedDict[str, Compiled] = OrderedDict()
        self._compiling: dict[str, threading.Lock] = {}
        if directory is not None:
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            files.remove_unfinished(directory)

    def load(self, engine: wasmtime.Engine, wasm: bytes) -> tuple[wasmtime.Module, Compiled]:
        """The program, ready for `engine`, and what is known of it. Raises NotExecutableError."""
        if not wasm.startswith(MAGIC):  # wasmtime would take its text format too
            raise NotExecutableError("not a WebAssembly module")
        key = hashlib.sha256(wasm).hexdigest()
        with self._only_one(key):
            with self._lock:
                compiled = self._compiled.get(key)
            if compiled is not None:
                self._keep(key, compiled)
                return wasmtime.Module.deserialize(engine, compiled.code), compiled
            module = self._read(engine, key) or self._compile(engine, key, wasm)
            compiled = Compiled.of(module, bytes(module.serialize()))
            self._keep(key, compiled)
            return module, compiled

    @contextlib.contextmanager
    def _only_one(self, key: str) -> Iterator[None]:
        with self._lock:
            compiling = self._compiling.setdefault(key, threading.Lock())
        try:
            with compiling:
                yield
        finally:
            with self._lock:
                if key not in self._compiled:  # not a program, or dropped by now
                    self._compiling.pop(key, None)

    def _read(self, engine: wasmtime.Engine, key: str) -> wasmtime.Module | None:
        """The program from disk; None when it is not there, damaged, or from another version of wasmtime."""
        if self._directory is None:
            return None
        file = self._directory / key
        try:
            data = file.read_bytes()
            os.utime(file)  # used now
        except OSError:
            return None
        checksum, code = data[:_CHECKSUM], data[_CHECKSUM:]
        if hashlib.sha256(code).digest() != checksum:
            return None
        try:
            return wasmtime.Module.deserialize(engine, code)
        except wasmtime.WasmtimeError:
            return None

    def _compile(self, engine: wasmtime.Engine, key: str, wasm: bytes) -> wasmtime.Module:
        try:
            module = wasmtime.Module(engine, wasm)
        except wasmtime.WasmtimeError as error:
            raise NotExecutableError(cause(error)) from error
        if self._directory is not None:
            code = bytes(module.serialize())
            with contextlib.suppress(OSError):  # a full disk costs a compilation next time, nothing else
                files.write_atomic(self._directory / key, hashlib.sha256(code).digest() + code)
                self._make_room(self._directory)
        return module

    def _make_room(self, directory: Path) -> None:
        """Images come and go; what was compiled for them would stay for ever."""
        left = self._on_disk
        for file, found in sorted(
            ((file, file.stat()) for file in directory.iterdir()), key=lambda each: -each[1].st_mtime
        ):
            left -= found.st_size
            if left < 0:
                file.unlink(missing_ok=True)

    def _keep(self, key: str, compiled: Compiled) -> None:
        """Put it in memory as the one used last; those used longest ago make room."""
        with self._lock:
            self._compiled[key] = compiled
            self._compiled.move_to_end(key)
            while sum(len(kept.code) for kept in self._compiled.values()) > _IN_MEMORY and len(self._compiled) > 1:
                dropped, _ = self._compiled.popitem(last=False)
                self._compiling.pop(dropped, None)
