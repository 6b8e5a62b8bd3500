"""The pages as a browser shows them: nothing asked for, nothing complained of, nothing wider than a narrow window."""

from pathlib import Path

import pytest
from tests.reports.browser import browser
from tests.reports.samples import pages

WIDTHS = (400, 1000, 1400)
SHOWN = ("verify-ja", "verify-hostile", "why-hostile")


@pytest.mark.timeout(120)
async def test_a_browser_shows_every_page_whole_and_asks_for_nothing(tmp_path: Path) -> None:
    files = {name: tmp_path / f"{name}.html" for name in SHOWN}
    for name, text in pages():
        if name in files:
            files[name].write_text(text, encoding="utf-8")
    async with browser(tmp_path / "home") as shown:
        for name, file in files.items():
            await shown.open(file)
            for width in WIDTHS:
                await shown.shape(width, "dark" if width == WIDTHS[0] else "light")
                wide = await shown.ask("document.documentElement.scrollWidth")
                assert wide <= width, f"{name} is {wide} wide in a window of {width}"
            assert await shown.ask("document.images.length + document.scripts.length") == 0
            assert await shown.ask("getComputedStyle(document.body).maxWidth") != "none", "the style was refused"
        assert shown.complaints == []
        asked = [url for url in shown.requests if not url.startswith("data:")]
        assert asked == [file.as_uri() for file in files.values()]
