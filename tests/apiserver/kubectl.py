"""The real kubectl, in a home of its own."""

import asyncio
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Kubectl:
    """kubectl in a home of its own. Called, it returns what it printed; it must succeed unless `code` says otherwise."""

    binary: str
    home: Path

    @property
    def environment(self) -> dict[str, str]:
        keep = {key: value for key, value in os.environ.items() if key in ("PATH", "SYSTEMROOT", "TEMP", "TMP")}
        home = str(self.home)
        return {**keep, "HOME": home, "USERPROFILE": home, "KUBECONFIG": str(self.home / "config")}

    async def start(self, *arguments: str) -> asyncio.subprocess.Process:
        pipe = asyncio.subprocess.PIPE
        return await asyncio.create_subprocess_exec(
            self.binary, *arguments, env=self.environment, cwd=self.home, stdin=pipe, stdout=pipe, stderr=pipe
        )

    async def __call__(self, *arguments: str, given: Any = None, code: int = 0) -> str:
        process = await self.start(*arguments)
        out, error = await process.communicate(None if given is None else json.dumps(given).encode())
        assert process.returncode == code, error.decode()
        return (out if code == 0 else error).decode()
