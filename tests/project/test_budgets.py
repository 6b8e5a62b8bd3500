"""The size of things: a file that grows over 400 lines or a function over 40 asks for another design.

The lists of exceptions may only shrink: an entry that is no longer needed fails too.
"""

import ast
import functools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PACKAGE = Path(__file__).parents[2] / "src" / "pullscope"
SOURCES = sorted(PACKAGE.rglob("*.py"))
FILE_LINES = 400
FUNCTION_LINES = 40

LONG_FILES: set[str] = set()
LONG_FUNCTIONS: set[str] = set()


@dataclass(frozen=True)
class Source:
    """What these tests know of a file: its functions' lines of code, docstrings left out, and its `from … import …`."""

    functions: dict[str, int]
    imports: frozenset[tuple[str, str]]


def statements(node: ast.AST) -> Iterator[ast.AST]:
    """All that stand inside of one; expressions hold none, and looking for some there would take most of the time."""
    for part in ("body", "orelse", "finalbody", "handlers", "cases"):
        for child in getattr(node, part, ()):
            yield child
            yield from statements(child)


@functools.cache
def source(path: Path) -> Source:
    """Read the file once; its syntax tree is not kept, since walking over all of them again would cost more."""
    functions: dict[str, int] = {}
    imports: set[tuple[str, str]] = set()
    for node in statements(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[1] if ast.get_docstring(node) and len(node.body) > 1 else node.body[0]
            lines = (node.end_lineno or 0) - first.lineno + 1
            functions[node.name] = max(lines, functions.get(node.name, 0))
        elif isinstance(node, ast.ImportFrom):
            imports.update((node.module or "", alias.name) for alias in node.names)
    return Source(functions, frozenset(imports))


def place(path: Path) -> str:
    """The file as the lists name it."""
    return path.relative_to(PACKAGE).as_posix()


def test_no_file_outgrows_its_budget() -> None:
    long = {place(path) for path in SOURCES if len(path.read_text(encoding="utf-8").splitlines()) > FILE_LINES}
    assert long == LONG_FILES


def test_no_function_outgrows_its_budget() -> None:
    functions = ((f"{place(path)}:{name}", lines) for path in SOURCES for name, lines in source(path).functions.items())
    assert {name for name, lines in functions if lines > FUNCTION_LINES} == LONG_FUNCTIONS


def test_only_the_clock_sleeps() -> None:
    """The linter bans the names; this finds them under another import."""
    banned = {("time", "sleep"), ("asyncio", "sleep")}
    assert [place(path) for path in SOURCES if source(path).imports & banned] == []


def test_pure_packages_take_only_the_pure_parts_of_http_and_urllib() -> None:
    """import-linter cannot name a module inside an external package."""
    allowed = {"http": {"HTTPStatus"}, "urllib.parse": {"quote", "unquote", "urlsplit", "SplitResult"}}
    found = [
        f"{place(path)}: {module}.{name}"
        for package in ("oci", "kube", "pull")
        for path in (PACKAGE / package).rglob("*.py")
        for module, name in source(path).imports
        if module.partition(".")[0] in {"http", "urllib"} and name not in allowed.get(module, set())
    ]
    assert found == []
