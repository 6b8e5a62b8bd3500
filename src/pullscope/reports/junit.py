"""JUnit's XML, as CI systems read it. [pure]

The form is that of Jenkins' xunit plugin (junit-10.xsd), which GitLab, GitHub's reporters and pytest use alike.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal
from xml.etree import ElementTree as ET  # only written, never parsed

_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, production Char

Outcome = Literal["passed", "failed", "error", "skipped"]
_ELEMENTS: Mapping[Outcome, str] = {"failed": "failure", "error": "error", "skipped": "skipped"}


@dataclass(frozen=True)
class Testcase:
    """One line of a CI's list. `message` is what the list shows of one that did not pass, `text` what is behind it."""

    group: str
    name: str
    outcome: Outcome
    message: str = ""
    text: str = ""
    seconds: float = 0.0


def render(suite: str, cases: Sequence[Testcase], *, properties: Mapping[str, str], seconds: float = 0.0) -> str:
    """One suite as a document. `properties` are what is true of all its cases."""
    counted = Counter(case.outcome for case in cases)
    counts = {"tests": len(cases), "failures": counted["failed"], "errors": counted["error"]}
    totals = {name: str(count) for name, count in (counts | {"skipped": counted["skipped"]}).items()}
    root = ET.Element("testsuites", {"name": "pullscope", **totals, "time": f"{seconds:.3f}"})
    element = ET.SubElement(root, "testsuite", {"name": suite, **totals, "time": f"{seconds:.3f}"})
    told = ET.SubElement(element, "properties")
    for name, value in properties.items():
        ET.SubElement(told, "property", {"name": name, "value": _legal(value)})
    for case in cases:
        _add(element, case)
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _add(suite: ET.Element, case: Testcase) -> None:
    named = {"classname": _legal(case.group), "name": _legal(case.name), "time": f"{case.seconds:.3f}"}
    element = ET.SubElement(suite, "testcase", named)
    if case.outcome != "passed":
        ET.SubElement(element, _ELEMENTS[case.outcome], {"message": _legal(case.message)}).text = _legal(case.text)
    elif case.text:
        ET.SubElement(element, "system-out").text = _legal(case.text)


def _legal(text: str) -> str:
    """The text without characters that XML cannot say in any way."""
    return _ILLEGAL.sub("\ufffd", text)
