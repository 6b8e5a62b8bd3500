"""Digests in the colour of the registry's present image or of another one, with the same said in a word. [pure]"""

from pullscope.pull.flow import Language
from pullscope.reports import page
from pullscope.reports.markup import Html, joined, tag
from pullscope.why.report import words


def digest(shown: str, language: Language, *, current: bool | None) -> Html:
    """`current`: whether it is what the reference means now; None where that is not known."""
    if current is None:
        return page.code(shown)
    kind, mark = ("registry", words.CURRENT) if current else ("node", words.OTHER)
    return joined([page.code(shown, kind), " ", tag("span", {"class": f"mark {kind}"}, mark.say(language))])
