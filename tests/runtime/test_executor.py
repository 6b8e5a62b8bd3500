"""Programs in the sandbox: output, exit codes, limits, sleeping, parking, stopping."""

import asyncio
import hashlib
import os
import threading
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from tests.runtime import programs

from pullscope.base.clock import Clock, ManualClock, SystemClock
from pullscope.images.probe import binaries
from pullscope.runtime.executor import LIMIT, Executor, Run
from pullscope.runtime.exits import Exit
from pullscope.runtime.program import NotExecutableError, Program
from pullscope.runtime.rootfs import Root, Volume

STOPPED = Exit(143)


@dataclass
class Collected:
    """An Output that keeps what it gets, and tells when there is something."""

    streams: dict[int, bytes] = field(default_factory=lambda: {1: b"", 2: b""})
    error: OSError | None = None

    def write(self, stream: int, data: bytes) -> None:
        if self.error is not None:
            raise self.error
        self.streams[stream] += data


@pytest.fixture
async def clock() -> Clock:
    return ManualClock()


@pytest.fixture
async def executor(clock: Clock) -> AsyncIterator[Executor]:
    executor = Executor(clock)
    yield executor
    await executor.close()


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    (tmp_path / "tree" / "deployments").mkdir(parents=True)
    (tmp_path / "tree" / "deployments" / "node.war").write_text("archive")
    return tmp_path / "tree"


def program(wasm: bytes, tree: Path) -> Program:
    file = tree / f"{hashlib.sha256(wasm).hexdigest()}.wasm"
    file.write_bytes(wasm)
    return Program(file, Root(tree), ("program",))


async def parked(run: Run) -> None:
    while not run.parked:
        await asyncio.wait((run.exited,), timeout=0.005)


async def ended(executor: Executor, what: Program) -> tuple[Exit, dict[int, bytes]]:
    output = Collected()
    run = await executor.start(what, output)
    return await run.exited, output.streams


@pytest.mark.parametrize(
    ("wasm", "expected", "stdout", "stderr"),
    [
        (programs.HELLO, Exit(0), b"hello\n", b""),
        (programs.EXIT_3, Exit(3), b"", b"hello\n"),
        (programs.program("(call $exit (i32.const 143))"), Exit(143), b"", b""),
        (programs.program("(call $exit (i32.const 257))"), Exit(1), b"", b""),
        (programs.program("unreachable"), Exit(134, "wasm trap: wasm `unreachable` instruction executed"), b"", b""),
        (programs.program("(drop (i32.load (i32.const -4)))"), Exit(139, "wasm trap: out of bounds memory access"), b"", b""),
        (programs.program("(drop (i32.div_s (i32.const 1) (i32.const 0)))"), Exit(136, "wasm trap: integer divide by zero"), b"", b""),
        (programs.program("(call $r)", more="(func $r (call $r))"), Exit(139, "wasm trap: call stack exhausted"), b"", b""),
    ],
)  # fmt: skip
async def test_output_and_exit_code(
    executor: Executor, tree: Path, wasm: bytes, expected: Exit, stdout: bytes, stderr: bytes
) -> None:
    outcome, streams = await ended(executor, program(wasm, tree))
    assert outcome == expected
    assert streams == {1: stdout, 2: stderr}


@pytest.mark.parametrize(
    ("wasm", "message"),
    [
        (b"#!/bin/sh\n", "not a WebAssembly module"),
        (b"(module)", "not a WebAssembly module"),
        (b"\0asm\1\0\0", "unexpected end"),
        (b"\0asm\1\0\0\0", "exports no _start"),
        (programs.program("", more="").replace(b"fd_write", b"fd_wrong"), "unknown import: `wasi_snapshot_preview1::fd_wrong`"),
    ],
)  # fmt: skip
async def test_what_is_not_a_program_is_refused_before_it_begins(
    executor: Executor, tree: Path, wasm: bytes, message: str
) -> None:
    with pytest.raises(NotExecutableError, match=message):
        await executor.start(program(wasm, tree), Collected())


async def test_the_probe_prints_its_archives_and_parks(executor: Executor, tree: Path) -> None:
    output = Collected()
    run = await executor.start(program(binaries.path("wasi-wasm").read_bytes(), tree), output)
    await parked(run)
    assert output.streams == {1: b'Deployed "/deployments/node.war"\nready\n', 2: b""}
    run.stop()
    assert await run.exited == STOPPED
    assert not run.parked


async def test_more_than_may_execute_at_once_are_parked_without_threads(executor: Executor, tree: Path) -> None:
    forever = program(programs.FOREVER, tree)
    runs = []
    for _ in range(2 * LIMIT // 10 + 1):
        started = [executor.start(forever, Collected()) for _ in range(10)]
        runs += await asyncio.gather(*started)
    for run in runs:
        await parked(run)
    while any(thread.name == "pullscope-program" for thread in threading.enumerate()):
        await asyncio.wait((runs[0].exited,), timeout=0.005)
    assert all(run.parked for run in runs)
    for run in runs:
        run.stop()
    assert {await run.exited for run in runs} == {STOPPED}


async def test_a_program_that_spins_is_stopped_and_no_other(executor: Executor, tree: Path) -> None:
    spinning = await executor.start(program(programs.SPIN, tree), Collected())
    other = await executor.start(program(programs.SPIN, tree), Collected())
    spinning.stop()
    assert await spinning.exited == STOPPED
    assert not other.exited.done()
    other.stop()
    assert await other.exited == STOPPED


async def test_a_finite_sleep_goes_by_the_clock(executor: Executor, tree: Path, clock: ManualClock) -> None:
    ten_seconds = programs.program(
        """(call $say (i32.const 1))
           (call $exit (i32.add (call $sleep (i64.const 10000000000)) (i32.load (i32.const 560))))"""
    )
    output = Collected()
    run = await executor.start(program(ten_seconds, tree), output)
    while clock.next_wake() is None:
        await asyncio.wait((run.exited,), timeout=0.005)
    clock.advance(9.9)
    await asyncio.wait((run.exited,), timeout=0.05)
    assert not run.exited.done()
    assert not run.parked
    clock.advance(0.1)
    assert await run.exited == Exit(1)  # success, one event
    assert output.streams[1] == b"hello\n"


async def test_a_volume_that_is_gone(executor: Executor, tree: Path) -> None:
    what = program(programs.HELLO, tree)
    root = replace(what.root, volumes=(Volume("/data", tree / "gone"),))
    with pytest.raises(OSError, match="the directory at /data cannot be opened"):
        await executor.start(replace(what, root=root), Collected())


async def test_a_finite_sleep_ends_on_stop(executor: Executor, tree: Path, clock: ManualClock) -> None:
    run = await executor.start(
        program(programs.program("(drop (call $sleep (i64.const 1000000000)))"), tree), Collected()
    )
    while clock.next_wake() is None:
        await asyncio.wait((run.exited,), timeout=0.005)
    run.stop()
    assert await run.exited == STOPPED


async def test_a_program_reads_the_same_clock(executor: Executor, tree: Path, clock: ManualClock) -> None:
    clock.advance(30)
    seconds = """(drop (call $time (i32.const {}) (i64.const 0) (i32.const 600)))
                 (call $exit (i32.wrap_i64 (i64.rem_u (i64.div_u (i64.load (i32.const 600)) (i64.const 1000000000)) (i64.const 60))))"""
    for clock_id in (0, 1):
        outcome, _ = await ended(executor, program(programs.program(seconds.format(clock_id)), tree))
        assert outcome == Exit(30)
    outcome, _ = await ended(
        executor, program(programs.program("(call $exit (call $time (i32.const 9) (i64.const 0) (i32.const 0)))"), tree)
    )
    assert outcome == Exit(28)


@pytest.mark.parametrize(
    "call",
    [
        "(call $poll (i32.const -8) (i32.const 0) (i32.const 1) (i32.const 0))",
        "(call $poll (i32.const 0) (i32.const 0) (i32.const -1) (i32.const 0))",
        "(call $time (i32.const 0) (i64.const 0) (i32.const -4))",
    ],
)
async def test_pointers_outside_the_memory_are_refused(executor: Executor, tree: Path, call: str) -> None:
    outcome, _ = await ended(executor, program(programs.program(f"(call $exit {call})"), tree))
    assert outcome == Exit(21)


async def test_memory_is_limited(executor: Executor, tree: Path) -> None:
    limited = replace(program(programs.HELLO, tree), memory_limit=2 * 65536)
    outcome, _ = await ended(executor, replace(limited, file=program(programs.program("", pages=3), tree).file))
    assert (outcome.code, outcome.out_of_memory) == (137, True)
    grow = "(call $exit (memory.grow (i32.const {})))"
    assert (await ended(executor, replace(limited, file=program(programs.program(grow.format(1)), tree).file)))[
        0
    ] == Exit(1)
    assert (await ended(executor, replace(limited, file=program(programs.program(grow.format(2)), tree).file)))[
        0
    ] == Exit(255)


async def test_the_root_is_read_only_and_volumes_are_what_they_are_mounted_as(
    executor: Executor, tree: Path, tmp_path: Path
) -> None:
    for name in ("writable", "readonly"):
        (tmp_path / name).mkdir()
    root = Root(tree, (Volume("/w", tmp_path / "writable"), Volume("/r", tmp_path / "readonly", readonly=True)))
    create = """(call $exit (call $open (i32.const {}) (i32.const 0) (i32.const 64) (i32.const 4)
                  (i32.const 1) (i64.const 64) (i64.const 0) (i32.const 0) (i32.const 600)))"""
    more = """(func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32) (call $path_open
                (local.get 0) (local.get 1) (local.get 2) (local.get 3) (local.get 4) (local.get 5) (local.get 6)
                (local.get 7) (local.get 8)))"""
    head = '(import "wasi_snapshot_preview1" "path_open" (func $path_open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))'
    codes = []
    for descriptor in (3, 4, 5):
        wasm = programs.program(create.format(descriptor), text="file", more=more, imports=head)
        outcome, _ = await ended(executor, replace(program(wasm, tree), root=root))
        codes.append(outcome.code)
    assert codes == [63, 0, 63]  # PERM, success, PERM
    assert [path.name for path in tmp_path.rglob("file")] == ["file"]
    assert (tmp_path / "writable" / "file").exists()


async def test_a_program_that_is_not_there(executor: Executor, tree: Path) -> None:
    with pytest.raises(FileNotFoundError):
        await executor.start(Program(tree / "missing", Root(tree), ("x",)), Collected())


async def test_a_full_disk_is_the_programs_failed_write(executor: Executor, tree: Path) -> None:
    output = Collected(error=OSError(28, "No space left on device"))
    run = await executor.start(program(programs.HELLO, tree), output)
    assert await run.exited == Exit(0)  # the program does not look at what its write returned


async def test_closing_stops_what_executes(clock: Clock, tree: Path) -> None:
    executor = Executor(SystemClock())
    runs = [await executor.start(program(wasm, tree), Collected()) for wasm in (programs.SPIN, programs.SPIN)]
    await executor.close()
    assert [await run.exited for run in runs] == [STOPPED, STOPPED]


async def test_compiled_programs_survive_on_disk(clock: Clock, tree: Path, tmp_path: Path) -> None:
    kept = tmp_path / "modules"
    for damage in (None, "truncated"):
        executor = Executor(clock, kept)
        assert (await ended(executor, program(programs.HELLO, tree)))[0] == Exit(0)
        await executor.close()
        files = sorted(kept.iterdir())
        assert len(files) == 2  # the program and our shim
        if damage is None:
            for file in files:
                file.write_bytes(file.read_bytes()[:-1])


def test_what_was_compiled_and_not_used_for_long_makes_room(tmp_path: Path) -> None:
    modules = pytest.importorskip("pullscope.runtime.modules")
    wasms = [programs.program("", text=str(number)) for number in range(4)]
    first = modules.ModuleCache(tmp_path)
    first.load(modules.new_engine(), wasms[0])
    (size,) = (file.stat().st_size for file in tmp_path.iterdir())
    for number in (1, 2):
        first.load(modules.new_engine(), wasms[number])
    for age, file in enumerate(sorted(tmp_path.iterdir(), key=lambda file: file.name)):
        os.utime(file, (age, age))
    oldest, *_ = (file.name for file in sorted(tmp_path.iterdir(), key=lambda file: file.name))
    wanted = next(wasm for wasm in wasms if hashlib.sha256(wasm).hexdigest() == oldest)
    second = modules.ModuleCache(tmp_path, on_disk=size * 5 // 2)
    second.load(modules.new_engine(), wanted)
    second.load(modules.new_engine(), wasms[3])
    assert {file.name for file in tmp_path.iterdir()} == {oldest, hashlib.sha256(wasms[3]).hexdigest()}
