"""Cells of tables on a terminal that have a colour."""

from rich.text import Text

from pullscope.verify.report import rows
from pullscope.verify.report.words import Words

IMAGES = {"node": "cyan", "registry": "magenta", None: ""}
_VERDICTS = {"pass": "green", "fail": "bold red", "inconclusive": "yellow", "not_applicable": "dim"}


def observed(row: rows.Row) -> Text:
    """STATUS, and what runs, in the colour of whose image it is."""
    text = Text(row.status)
    if row.digest:
        text.append(" ")
        text.append(f"{row.war} {row.digest}".strip(), IMAGES[row.image_of])
    return text


def verdict(row: rows.Row, words: Words) -> Text:
    """The judge's word."""
    return Text(words.say(rows.WORDS[row.verdict]), _VERDICTS[row.verdict])
