"""WebAssembly programs for tests, written as text: each does one thing."""

import wasmtime

_HEAD = """
(module
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "clock_time_get" (func $time (param i32 i64 i32) (result i32)))
  {imports}
  (memory (export "memory") {pages})
  (data (i32.const 64) "{text}")
  (func $say (param $stream i32)
    (i32.store (i32.const 0) (i32.const 64))
    (i32.store (i32.const 4) (i32.const {length}))
    (drop (call $write (local.get $stream) (i32.const 0) (i32.const 1) (i32.const 8))))
  (func $sleep (param $nanoseconds i64) (result i32)
    (i64.store (i32.const 256) (i64.const 7))
    (i64.store (i32.const 264) (i64.const 0))
    (i64.store (i32.const 272) (i64.const 1))
    (i64.store (i32.const 280) (local.get $nanoseconds))
    (i64.store (i32.const 296) (i64.const 0))
    (call $poll (i32.const 256) (i32.const 512) (i32.const 1) (i32.const 560)))
"""


def program(start: str, *, text: str = "hello\\n", pages: int = 1, more: str = "", imports: str = "") -> bytes:
    """A WASI command whose `_start` is `start`; `$say` writes `text` to a stream, `$sleep` takes nanoseconds."""
    length = len(text.encode().decode("unicode_escape"))
    head = _HEAD.format(pages=pages, text=text, length=length, imports=imports)
    return bytes(wasmtime.wat2wasm(f'{head} {more} (func (export "_start") {start}))'))


HELLO = program("(call $say (i32.const 1))")
SPIN = program("(loop $again (br $again))")
FOREVER = program("(call $say (i32.const 1)) (drop (call $sleep (i64.const -1)))")
EXIT_3 = program("(call $say (i32.const 2)) (call $exit (i32.const 3))")
