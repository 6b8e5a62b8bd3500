"""The size of things: a file that grows over 400 lines or a function over 40 asks for another design.

The lists of exceptions may only shrink: an entry that is no longer needed fails too.
"""

import ast
import functools
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCES = sorted((ROOT / "src").rglob("*.py"))
FILE_LINES = 400
FUNCTION_LINES = 40

LONG_FILES: set[str] = set()
LONG_FUNCTIONS: set[str] = set()


@functools.cache
def nodes(path: Path) -> list[ast.AST]:
    """All nodes of a file's syntax tree."""
    return list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))


def functions(path: Path) -> Iterator[tuple[str, int]]:
    """Each function's `file:name` and its lines of code, the docstring left out."""
    for node in nodes(path):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[1] if ast.get_docstring(node) and len(node.body) > 1 else node.body[0]
            yield (
                f"{path.relative_to(ROOT / 'src' / 'pullscope').as_posix()}:{node.name}",
                ((node.end_lineno or 0) - first.lineno + 1),
            )


def test_no_file_outgrows_its_budget() -> None:
    long = {
        path.relative_to(ROOT / "src" / "pullscope").as_posix()
        for path in SOURCES
        if len(path.read_text(encoding="utf-8").splitlines()) > FILE_LINES
    }
    assert long == LONG_FILES


def test_no_function_outgrows_its_budget() -> None:
    long = {name for path in SOURCES for name, lines in functions(path) if lines > FUNCTION_LINES}
    assert long == LONG_FUNCTIONS


def test_only_the_clock_sleeps() -> None:
    """The linter bans the names; this finds them under another import."""
    found = [
        path.name
        for path in SOURCES
        if path.name != "clock.py"
        for node in nodes(path)
        if isinstance(node, ast.ImportFrom)
        and (node.module, *(alias.name for alias in node.names)) in {("time", "sleep"), ("asyncio", "sleep")}
    ]
    assert found == []


def test_pure_packages_take_only_the_pure_parts_of_http_and_urllib() -> None:
    """import-linter cannot name a module inside an external package."""
    allowed = {"http": {"HTTPStatus"}, "urllib.parse": {"quote", "unquote", "urlsplit", "SplitResult"}}
    found = [
        f"{path.name}: {node.module}.{alias.name}"
        for package in ("oci", "kube", "pull")
        for path in (ROOT / "src" / "pullscope" / package).rglob("*.py")
        for node in nodes(path)
        if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] in {"http", "urllib"}
        for alias in node.names
        if alias.name not in allowed.get(node.module or "", set())
    ]
    assert found == []
