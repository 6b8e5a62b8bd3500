"""What programs run in, one after the other: an engine with what it has loaded, and a linker that knows the calls.

Every program that executes has an engine of its own, so that it can be interrupted without the others. To make one, to load
code into it and to tell a linker of WASI takes longer than a short program runs, and at each of the binding's many small
steps the thread gives up the interpreter and may have to wait for it; so a few that are idle are kept.
"""

import contextlib
import hashlib
import threading
from collections.abc import Iterator

import wasmtime

from pullscope.runtime import modules
from pullscope.runtime.hostcalls import PREVIEW1, SHIM, HostCalls
from pullscope.runtime.modules import Compiled, ModuleCache

_KEPT = 8


class Cell:
    """One engine. A thread at a time uses it, for one program."""

    def __init__(self, cache: ModuleCache) -> None:
        self.engine = modules.new_engine()
        self._cache = cache
        self._calls: HostCalls | None = None
        self._loaded: tuple[bytes, wasmtime.Module, Compiled] | None = None
        self._shim, _ = cache.load(self.engine, SHIM)
        self._linker = wasmtime.Linker(self.engine)
        self._linker.allow_shadowing = True  # our calls shadow wasmtime's, and those of the program before
        self._linker.define_wasi()
        i32 = wasmtime.ValType.i32()
        self._linker.define_func("host", "call", wasmtime.FuncType([i32] * 5, [i32]), self._call)

    def load(self, wasm: bytes) -> tuple[wasmtime.Module, Compiled]:
        """The program, ready to be linked, and what is known of it. Raises NotExecutableError."""
        digest = hashlib.sha256(wasm).digest()
        if self._loaded is None or self._loaded[0] != digest:
            self._loaded = digest, *self._cache.load(self.engine, wasm)
        return self._loaded[1:]

    def link(self, store: wasmtime.Store, module: wasmtime.Module, calls: HostCalls) -> wasmtime.InstancePre:
        """The program, ready to be started in `store`. Raises WasmtimeError: it imports what there is not."""
        self._calls = calls
        self._linker.define_instance(store, PREVIEW1, self._linker.instantiate(store, self._shim))
        return self._linker.instantiate_pre(module)

    def _call(self, which: int, *arguments: int) -> int:
        assert self._calls is not None, "nothing runs before it is linked"
        return self._calls.call(which, *arguments)

    def clear(self) -> None:
        """The program is over."""
        self._calls = None

    def close(self) -> None:
        """Give back what the engine holds at once: Python's garbage collector may come much later."""
        loaded = () if self._loaded is None else (self._loaded[1],)
        for handle in (self._linker, self._shim, *loaded, self.engine):
            handle.close()


class Cells:
    """Lends cells to the threads of programs."""

    def __init__(self, cache: ModuleCache) -> None:
        self._cache = cache
        self._lock = threading.Lock()
        self._idle: list[Cell] = []

    @contextlib.contextmanager
    def taken(self) -> Iterator[Cell]:
        """A cell for one program, which must have let go of it at the end of the block."""
        with self._lock:
            cell = self._idle.pop() if self._idle else None
        cell = cell or Cell(self._cache)
        try:
            yield cell
        finally:
            cell.clear()
            with self._lock:
                kept = len(self._idle) < _KEPT
                if kept:
                    self._idle.append(cell)
            if not kept:
                cell.close()
