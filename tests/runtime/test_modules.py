"""The engine's configuration."""

import subprocess
import sys

PROGRAM = """
import faulthandler
import wasmtime
from pullscope.runtime import modules

def trap(body):
    engine = modules.new_engine()
    wasm = wasmtime.wat2wasm(f'(module (memory 1) (func (export "f") {body}))')
    store = wasmtime.Store(engine)
    store.set_epoch_deadline(1)
    try:
        wasmtime.Instance(store, wasmtime.Module(engine, wasm), []).exports(store)["f"](store)
    except wasmtime.Trap as error:
        print(error.trap_code.name)

faulthandler.enable()
trap("unreachable")
faulthandler.disable()  # puts back the signal handlers from before the first engine
trap("unreachable")
trap("(drop (i32.load (i32.const 0x7fffffff)))")
trap("(drop (i32.div_s (i32.const 1) (i32.const 0)))")
"""


def test_traps_do_not_need_the_processs_signal_handlers() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, encoding="utf-8", check=False)
    named = ["UNREACHABLE", "UNREACHABLE", "MEMORY_OUT_OF_BOUNDS", "INTEGER_DIVISION_BY_ZERO"]
    assert (done.stdout.split(), done.returncode) == (named, 0), done.stderr
