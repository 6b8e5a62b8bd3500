"""The real oc as a process: its output as it comes, its exit code, the kubeconfig that it is given."""

import sys
from pathlib import Path

from pullscope.base.clock import SystemClock
from pullscope.tutorial.client import Program

KUBECONFIG = Path("/of/the/lab")


async def run(code: str) -> tuple[int | None, bytes]:
    shown = bytearray()
    program = Program(sys.executable, KUBECONFIG, SystemClock())
    return await program.run(["-c", code], shown.extend), bytes(shown)


async def test_it_is_given_the_labs_kubeconfig() -> None:
    code, output = await run("import os, sys; print(os.environ['KUBECONFIG'], os.environ['KUBECACHEDIR']); sys.exit(3)")
    assert (code, output.decode().split()) == (3, [str(KUBECONFIG), str(KUBECONFIG.with_name("cache"))])


async def test_errors_are_shown_with_the_rest() -> None:
    code, output = await run("import sys; print('out', flush=True); print('err', file=sys.stderr)")
    assert (code, output.split()) == (0, [b"out", b"err"])
