"""The words of a report in the user's language. [pure]

A sentence is written once, in English, where it is made: by the judge, the runner, a report. Another language is a catalogue
of such sentences and what stands in their place (`japanese`), with `{}` for the parts that differ; a part that stands in the
catalogue as it is, is put into the language too. What no catalogue has stays as it is: reasons, events, commands and
whatever a cluster or a registry said are upstream's, in every language.
"""

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass

from pullscope.pull.flow import Language
from pullscope.verify.report import japanese


@dataclass(frozen=True)
class Words:
    """One language. `catalogue`: English sentences, with `{}` for each part that differs, and theirs."""

    language: Language
    catalogue: Mapping[str, str]

    def say(self, sentence: str) -> str:
        """The sentence in this language; itself when the catalogue has none such."""
        if sentence in self.catalogue:
            return self.catalogue[sentence]
        for pattern, said in _patterns(self):
            found = pattern.fullmatch(sentence)
            if found:
                return said.format(*(self.catalogue.get(part, part) for part in found.groups()))
        return sentence

    def __hash__(self) -> int:
        return hash(self.language)


@functools.cache
def _patterns(words: Words) -> tuple[tuple[re.Pattern[str], str], ...]:
    """The sentences with parts, the longest first: what is said more exactly is tried before what fits anything."""
    sentences = sorted((each for each in words.catalogue if "{}" in each), key=len, reverse=True)
    return tuple((_pattern(each), words.catalogue[each]) for each in sentences)


def _pattern(sentence: str) -> re.Pattern[str]:
    return re.compile("(.+?)".join(map(re.escape, sentence.split("{}"))), re.DOTALL)


ENGLISH = Words("en", {})


def words(language: Language) -> Words:
    """The words of that language."""
    return Words("ja", japanese.CATALOGUE) if language == "ja" else ENGLISH
