"""`docs/evidence`: what real clusters did, row by row of the full suite, and that the rows expect just that.

`--update-goldens` writes the files anew from the recordings. A file of `pullscope verify -o json` from a real cluster is read, too.
"""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from pullscope.verify.case import Case
from pullscope.verify.cases import article, matrix, suites
from pullscope.verify.cases.suites import Topic

DATA = Path(__file__).parents[1] / "data"
EVIDENCE = Path(__file__).parents[2] / "docs" / "evidence"
RUNTIMES = {"crio": "cri-o 1.37.0", "containerd": "containerd 1.6.20"}
SCHEMA = "pullscope.evidence/v1"

STATES = {"ok": ("newer", "has it"), "404": ("404 manifest",), "down": ("refuses",), "401": ("401",)}
SECRETS = {"auth-rightpw": "c1", "always-nodeno-reg401": "c2", "auth-wrongpw": "c3"}
REVERIFICATION = {"b": "v1", "c": "v2", "d": "v3", "e": "v5", "g": "v9", "h": "v13", "k": "v10"}
RESTARTS = {"crio": {"rmi-ifnotpresent": "r7"}, "containerd": {"rmi-ifnotpresent": "r8"}}
WAR = re.compile(r'^Deployed "/deployments/(.+)"', re.MULTILINE)


def read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def rows_of(cell: dict[str, Any]) -> list[str]:
    """The rows of the article and of the matrix that a cell is."""
    fits = [
        case.id
        for case in (*article.CASES, *matrix.CASES)
        if (case.policy, case.on_node) == (cell["policy"], cell["on_node"])
        and case.state in STATES.get(str(cell["registry"]), ())
    ]
    return [*fits, *([SECRETS[cell["cell"]]] if cell["cell"] in SECRETS else [])]


def outcome(container: dict[str, Any], log: str | None) -> dict[str, Any]:
    ((state, more),) = container["state"].items()
    said = WAR.search(log or "")
    return {"outcome": state, "reason": more.get("reason"), "deployed": said[1] if said else None}


def recorded(runtime: str) -> list[dict[str, Any]]:
    """What one runtime was seen to do, one entry for a row."""
    found = []
    for path in sorted((DATA / "cells" / runtime).glob("*.json")):
        cell = read(path)
        seen = {"recording": f"cells/{runtime}/{path.name}"} | outcome(cell["pods"][-1]["container"], cell["logs"])
        statuses = list(dict.fromkeys(status for _, status in cell["status"]))
        found += [{"row": row} | seen | {"status": statuses} for row in rows_of(cell)]
    for name, rows in (("private-reverify", REVERIFICATION), ("restarts", RESTARTS[runtime])):
        path = DATA / "recordings" / runtime / f"{name}.json"
        for pod in read(path)["pods"]:
            if row := rows.get(pod["pod"]):
                container = pod.get("container") or pod.get("after") or {"state": {pod["phase"].lower(): {}}}
                seen = {"recording": f"recordings/{runtime}/{path.name}, pod {pod['pod']}"}
                found.append({"row": row} | seen | outcome(container, pod.get("logs")))
    order = [case.id for case in suites.rows("full")]
    return sorted(found, key=lambda each: (order.index(each["row"]), each["recording"]))


def document(runtime: str) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "date": "2026-11-21",
        "how": "by hand: images put on the node with skopeo, kubectl apply, and what kubectl get --watch told; in tests/data",
        "kubernetes": "v1.36.2",
        "runtime": RUNTIMES[runtime],
        "rows": recorded(runtime),
    }


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_the_files_are_the_recordings(runtime: str, request: pytest.FixtureRequest) -> None:
    path = EVIDENCE / f"2026-11-21-{RUNTIMES[runtime].replace(' ', '-')}.json"
    lines = ",\n  ".join(json.dumps(row) for row in document(runtime)["rows"])
    head = json.dumps({**document(runtime), "rows": []}, indent=1).removesuffix("[]\n}")
    text = f"{head}[\n  {lines}\n ]\n}}\n"
    if request.config.getoption("--update-goldens"):
        path.write_text(text, encoding="utf-8", newline="\n")
    assert path.read_text(encoding="utf-8") == text
    assert len({row["row"] for row in read(path)["rows"]}) >= 20


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_the_rows_expect_what_was_seen(runtime: str) -> None:
    """Apart from the words of a registry that is down: containerd has none of its own, and the row is CRI-O's."""
    cases = {case.id: case for case in suites.rows("full")}
    for seen in recorded(runtime):
        case = cases[seen["row"]]
        assert seen["outcome"] == case.expected.outcome, seen
        if case.expected.outcome == "waiting" and not (runtime == "containerd" and case.state == "refuses"):
            assert seen["reason"] in case.expected.reasons, seen
        if seen["deployed"] and case.id not in SECRETS.values():
            assert seen["deployed"] == f"{case.expected.source}.war", seen


def test_the_page_names_all_files_and_true_rows() -> None:
    page = (EVIDENCE / "README.md").read_text(encoding="utf-8")
    files = {path.name for path in EVIDENCE.glob("*.json")}
    assert set(re.findall(r"\]\((\d{4}-\d\d-\d\d-[^)]+\.json)\)", page)) == files
    pairs = re.findall(r"^\| (\w+) \| (\w+) \| (.+?) \| (.+?) \|$", page, re.MULTILINE)
    cases = {case.id: case for case in suites.rows("full")}
    listed = [(before, after) for before, after, *_ in pairs if before in cases]
    assert len(listed) >= 7
    for before, after in listed:
        old, new = cases[before], cases[after]
        assert (old.policy, old.on_node, old.state) == (new.policy, new.on_node, new.state)
        assert differs(old, new), (before, after)
    changed: set[Topic] = {suites.topic_of(cases[after]) for _, after in listed}
    assert changed == {"reverification", "otheraccount"}


def differs(one: Case, other: Case) -> bool:
    return (one.expected.outcome, one.expected.source) != (other.expected.outcome, other.expected.source)
