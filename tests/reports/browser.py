"""Chromium without a window, led over its DevTools protocol: what it says of a page that is no part of the page's own words."""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest

_NAMES = ("chromium", "chromium-browser", "google-chrome")
_OPTIONS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"),
    *(
        "--disable-extensions",
        "--disable-sync",
        "--disable-component-update",
        "--mute-audio",
        "--disable-dev-shm-usage",
    ),
)


@dataclass
class Browser:
    """One page of a browser. `complaints` is what its console says, `requests` what it asked for beside the page."""

    socket: aiohttp.ClientWebSocketResponse
    session: str = ""
    complaints: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    _last: int = 0

    async def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Call a method and wait for its answer; events that come before are noted."""
        self._last += 1
        sent = {"id": self._last, "method": method, "params": parameters}
        await self.socket.send_json(sent | ({"sessionId": self.session} if self.session else {}))
        while (message := await self.socket.receive_json()).get("id") != self._last:
            self._note(message)
        assert "error" not in message, message
        result: dict[str, Any] = message["result"]
        return result

    async def open(self, page: Path) -> None:
        """Load the page and wait until all of it is there."""
        await self.call("Page.navigate", url=page.as_uri())
        while (message := await self.socket.receive_json()).get("method") != "Page.loadEventFired":
            self._note(message)

    async def shape(self, width: int, scheme: str) -> None:
        """Make the window so wide, with a light or a dark colour scheme."""
        await self.call(
            "Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=False
        )
        scheme_feature = {"name": "prefers-color-scheme", "value": scheme}
        await self.call("Emulation.setEmulatedMedia", features=[scheme_feature])

    async def ask(self, expression: str) -> Any:
        """What a piece of JavaScript comes to in the page."""
        answer = await self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        return answer["result"]["value"]

    def _note(self, message: dict[str, Any]) -> None:
        told = json.dumps(message.get("params"))
        if message.get("method") in {"Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded"}:
            self.complaints.append(told)
        if message.get("method") == "Network.requestWillBeSent":
            self.requests.append(message["params"]["request"]["url"])


@asynccontextmanager
async def browser(home: Path) -> AsyncIterator[Browser]:
    """A browser with its files in `home`, or a skip that says how to get one."""
    program = next(filter(None, map(shutil.which, _NAMES)), None)
    if program is None:
        pytest.skip("there is no chromium (Debian: apt-get install chromium)")
    process = await asyncio.create_subprocess_exec(
        program,
        *_OPTIONS,
        "--remote-debugging-port=0",
        f"--user-data-dir={home}",
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with aiohttp.ClientSession() as session, session.ws_connect(await _address(process)) as socket:
            yield await _page(Browser(socket))
    finally:
        process.terminate()
        await process.communicate()


async def _address(process: asyncio.subprocess.Process) -> str:
    assert process.stderr is not None
    async for line in process.stderr:
        _, found, address = line.decode().partition("DevTools listening on ")
        if found:
            return address.strip()
    raise AssertionError("chromium ended before it listened")


async def _page(browser: Browser) -> Browser:
    target = await browser.call("Target.createTarget", url="about:blank")
    attached = await browser.call("Target.attachToTarget", targetId=target["targetId"], flatten=True)
    browser.session = attached["sessionId"]
    for domain in ("Page", "Runtime", "Network", "Log"):
        await browser.call(f"{domain}.enable")
    return browser
