"""A lab in a process of its own, as `pullscope up` starts it, whose nodes take as many pods as asked.

    python benchmarks/support/child.py ROOT NODES MAX_PODS

Says where it is in one line of JSON, and ends when its standard input does.
"""

import asyncio
import gc
import json
import sys
from pathlib import Path


async def serve(root: Path, nodes: int, max_pods: int) -> None:
    from pullscope.lab import assembly  # noqa: PLC0415 (as python -m pullscope.lab: what is imported is no garbage)
    from pullscope.lab.config import LabConfig  # noqa: PLC0415

    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
    gc.enable()
    async with assembly.running(LabConfig(root=root, nodes=nodes, max_pods=max_pods)) as lab:
        where = {"kubeconfig": str(lab.kubeconfig), "server": lab.server, "registry": lab.registry}
        print(json.dumps(where), flush=True)
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    gc.disable()
    asyncio.run(serve(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])))
