"""The calls of WASI that we answer ourselves, for one execution.

`poll_oneoff`, so that a sleep goes by our clock, ends at once on `stop`, and takes no thread when it has no end;
`clock_time_get`, so that a program lives by the same clock; `proc_exit`, whose codes wasmtime limits to 125. They must be
able to leave the program for good. A Python exception could, but the binding hands exceptions over in one variable for
all threads; so the calls go through a WebAssembly module of ours (`SHIM`), which traps when it is told to leave, and
`HostCalls.ending` says why. The module imports one function for all of them: the binding gives up the interpreter at each of
its many small steps, and a busy process would have every program wait for it at each.
"""

import asyncio
import threading
from concurrent import futures
from dataclasses import dataclass

import wasmtime

from pullscope.base import clock as clocks
from pullscope.base.clock import Clock
from pullscope.runtime import exits, polling
from pullscope.runtime.exits import Exit

PREVIEW1 = "wasi_snapshot_preview1"

_LEAVE = -1

SHIM = bytes(
    wasmtime.wat2wasm("""
(module
  (import "host" "call" (func $call (param i32 i32 i32 i32 i32) (result i32)))
  (func $leave_or_return (param $errno i32) (result i32)
    (if (i32.lt_s (local.get $errno) (i32.const 0)) (then unreachable))
    (local.get $errno))
  (func (export "poll_oneoff") (param i32 i32 i32 i32) (result i32)
    (call $leave_or_return
      (call $call (i32.const 0) (local.get 0) (local.get 1) (local.get 2) (local.get 3))))
  (func (export "clock_time_get") (param i32 i64 i32) (result i32)
    (call $leave_or_return
      (call $call (i32.const 1) (local.get 0) (local.get 2) (i32.const 0) (i32.const 0))))
  (func (export "proc_exit") (param i32)
    (drop (call $leave_or_return
      (call $call (i32.const 2) (local.get 0) (i32.const 0) (i32.const 0) (i32.const 0))))))
""")
)


@dataclass(frozen=True)
class Parked:
    """The program sleeps without end: it was unwound, and holds neither a thread nor memory any more."""


class HostCalls:
    """Answers one program's calls on its thread. `stop` comes from any other."""

    def __init__(self, clock: Clock, loop: asyncio.AbstractEventLoop) -> None:
        self.ending: Exit | Parked | None = None
        self._clock = clock
        self._loop = loop
        self._lock = threading.Lock()
        self._stopping = False
        self._sleep: futures.Future[None] | None = None
        self._store: wasmtime.Store
        self._memory: wasmtime.Memory | None = None

    def use_memory(self, memory: wasmtime.Memory | None, store: wasmtime.Store) -> None:
        """The memory that pointers point into, once the program has it."""
        self._memory, self._store = memory, store

    def stop(self) -> None:
        """Sleeps end now, and none begins any more."""
        with self._lock:
            self._stopping = True
            if self._sleep is not None:
                self._sleep.cancel()

    def call(self, which: int, *arguments: int) -> int:
        """What `SHIM` asks. No exception may cross WebAssembly: one of ours ends the program and is its message."""
        try:
            return (self._poll, self._time, self._exit)[which](*arguments)
        except Exception as error:  # noqa: BLE001 (see above)
            self.ending = exits.trapped("", f"the runtime failed: {error!r}")
            return _LEAVE

    def _exit(self, code: int, *_: int) -> int:
        self.ending = Exit(code & 0xFF)
        return _LEAVE

    def _time(self, clock: int, target: int, *_: int) -> int:
        now = {polling.REALTIME: self._realtime, polling.MONOTONIC: self._monotonic}.get(clock)
        return polling.INVALID if now is None else self._put(target, now().to_bytes(8, "little"))

    def _poll(self, source: int, target: int, count: int, happened: int) -> int:
        if count == 0:
            return polling.INVALID
        data = self._get(source, _unsigned(count) * polling.SUBSCRIPTION_SIZE)
        if data is None:
            return polling.FAULT
        decision = polling.decide(polling.parse(data), realtime=self._realtime(), monotonic=self._monotonic())
        if isinstance(decision, polling.SleepWithoutEnd):
            self.ending = Parked()
            return _LEAVE
        if isinstance(decision, polling.Sleep) and not self._slept(decision.seconds):
            return _LEAVE
        number = polling.count(decision.events).to_bytes(4, "little")
        return self._put(target, decision.events) or self._put(happened, number)

    def _slept(self, seconds: float) -> bool:
        """Wait on our clock; False when the program was stopped meanwhile."""
        with self._lock:
            if not self._stopping:
                self._sleep = asyncio.run_coroutine_threadsafe(self._clock.sleep(seconds), self._loop)
        if self._sleep is not None:
            futures.wait([self._sleep])
        return not self._stopping

    def _realtime(self) -> int:
        return clocks.nanoseconds(self._clock)

    def _monotonic(self) -> int:
        return int(self._clock.monotonic() * 1_000_000_000)

    def _get(self, pointer: int, size: int) -> bytes | None:
        """`size` bytes of the program's memory; None when they are not there."""
        start = _unsigned(pointer)
        if self._memory is None or start + size > self._memory.data_len(self._store):
            return None
        return bytes(self._memory.read(self._store, start, start + size))

    def _put(self, pointer: int, data: bytes) -> int:
        """Write into the program's memory; returns WASI's error number."""
        start = _unsigned(pointer)
        if self._memory is None or start + len(data) > self._memory.data_len(self._store):
            return polling.FAULT
        self._memory.write(self._store, data, start)
        return polling.SUCCESS


def _unsigned(number: int) -> int:
    """The binding hands every i32 over as a signed number."""
    return number & 0xFFFFFFFF
