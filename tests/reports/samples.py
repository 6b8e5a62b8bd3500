"""Pages to look at: of a run of verify and of a diagnosis, one of each with texts that want to be markup."""

from collections.abc import Iterator
from dataclasses import replace

from tests.verify import conftest as verified
from tests.why.report import conftest as diagnosed

from pullscope.verify.cases import article
from pullscope.verify.evidence import Evidence, Log
from pullscope.verify.judge import judge
from pullscope.verify.report import html
from pullscope.verify.report import words as verify_words
from pullscope.verify.result import CaseResult, ClusterInfo, Report
from pullscope.why.report import html as why_html

HOSTILE = diagnosed.HOSTILE


def pages() -> Iterator[tuple[str, str]]:
    """Their names and texts."""
    yield "verify", html.render(report())
    yield "verify-ja", html.render(report(), verify_words.words("ja"))
    yield "verify-hostile", html.render(report(hostile=True))
    yield "why", why_html.render(diagnosed.mixed(), "en")
    yield "why-ja", why_html.render(diagnosed.mixed(), "ja")
    yield "why-hostile", why_html.render(diagnosed.evil(), "en")


def report(*, hostile: bool = False) -> Report:
    """A run in which each case went as expected: one that fails, one that runs, one of Never."""
    cases = [case for case in article.CASES if case.id in {"1", "6", "8"}]
    text = HOSTILE if hostile else "127.0.0.1:5000/pullscope/verify"
    cluster = ClusterInfo("lab", "https://127.0.0.1:6443", "v1.36.2", text if hostile else "crc", None, text)
    evidence = {case.id: verified._evidence(case) for case in cases}
    seen = {key: _hostile(each) if hostile else each for key, each in evidence.items()}
    results = tuple(CaseResult(case, *judge(case, seen[case.id]), seen[case.id]) for case in cases)
    return Report("0.1.0", article.NAME, cluster, results, 2.94, "pullscope-4f2a9c")


def _hostile(evidence: Evidence) -> Evidence:
    assert evidence.pod is not None
    events = tuple(replace(event, message=HOSTILE, reason=HOSTILE) for event in evidence.events)
    pod = replace(evidence.pod, name=HOSTILE, message=HOSTILE)
    return replace(evidence, events=events, pod=pod, log=Log(HOSTILE, HOSTILE, f"{HOSTILE}\n"), log_error=HOSTILE)
