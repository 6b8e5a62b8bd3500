"""docs/why.md names every cause, as the rules do."""

import re
from pathlib import Path

from pullscope.why import rules

PAGE = Path(__file__).parents[3] / "docs" / "why.md"


def test_the_page_lists_the_causes_in_their_order() -> None:
    told = re.findall(r"^\| `([a-z-]+)` \| ([^|]+) \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert told == [(rule.id, rule.title.en) for rule in rules.ALL]


def test_a_rule_is_found_by_its_id() -> None:
    """One cause a file, called as the file is."""
    files = {path.stem.replace("_", "-") for path in Path(rules.__file__).parent.glob("*.py")} - {"--init--"}
    assert files == {rule.id for rule in rules.ALL}
