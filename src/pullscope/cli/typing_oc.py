"""`oc` commands for the method that types them: by `pullscope oc`, in this process, as the user of a kubeconfig."""

from collections.abc import Sequence
from pathlib import Path

from pullscope.base.clock import Clock
from pullscope.oc import console, main
from pullscope.verify.byhand.hands import Oc, Ran


def of(kubeconfig: Path | None, context: str | None, clock: Clock) -> Oc:
    """Runs commands there; without either as kubectl would choose."""
    named = ["--kubeconfig", str(kubeconfig)] if kubeconfig else []
    named += ["--context", context] if context else []

    async def run(words: Sequence[str]) -> Ran:
        everything, out = bytearray(), bytearray()

        def said(data: bytes) -> None:
            everything.extend(data)
            out.extend(data)

        code = await main.run([*named, *words], console.handing(said, everything.extend), clock)
        return Ran(code, everything.decode(errors="replace"), out.decode(errors="replace"))

    return run
