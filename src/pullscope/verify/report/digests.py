"""Digests in a case's texts, marked with whose image they name. [pure]"""

import re
from collections.abc import Mapping

from pullscope.reports import page
from pullscope.reports.markup import Html, joined, tag
from pullscope.verify.case import Source
from pullscope.verify.evidence import Evidence
from pullscope.verify.report.words import Words
from pullscope.verify.verdict import short


class Marker:
    """Marks the digests of one case's two images: by a colour and, since colours are not for everybody, by a word."""

    def __init__(self, evidence: Evidence, words: Words) -> None:
        self._known: Mapping[str, Source] = {
            name: variant.source
            for variant in evidence.variants
            for digest in variant.digests | {variant.digest}
            for name in (digest, short(digest))
        }
        names = sorted(self._known, key=len, reverse=True)  # the whole digest before its beginning
        self._pattern = re.compile("|".join(map(re.escape, names))) if names else None
        self._words = words

    def text(self, text: str) -> Html:
        """The text with its digests marked."""
        if self._pattern is None:
            return joined([text])
        parts: list[str | Html] = []
        end = 0
        for found in self._pattern.finditer(text):
            parts += [text[end : found.start()], self.digest(found[0], self._known[found[0]])]
            end = found.end()
        return joined([*parts, text[end:]])

    def digest(self, digest: str, source: Source) -> Html:
        """A digest, or any other name of the image from that source."""
        return joined([page.code(digest, source), " ", self.whose(source)])

    def whose(self, source: Source) -> Html:
        """Whose image it is, in a word."""
        return tag("span", {"class": f"mark {source}"}, self._words.say(source))
