"""The Python examples of the documentation do what the page says, and the page names all there is."""

import re
from pathlib import Path

from tests.testing.projects import Project

from pullscope.testing.images import Image
from pullscope.testing.lab import Lab
from pullscope.testing.node import Node

PAGE = (Path(__file__).parents[2] / "docs" / "pytest.md").read_text(encoding="utf-8")


def test_the_examples_pass(project: Project) -> None:
    """Each begins with a comment that names its file."""
    examples = re.findall(r"^```python\n# (\S+\.py)\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    assert len(examples) == PAGE.count("```python")
    for name, text in examples:
        project.write(name, text)
    assert project.run().passed == 3


def test_the_page_names_all_that_a_test_may_ask_for() -> None:
    fields = {"nodes", "node", *Image.__dataclass_fields__}
    offered = fields | {name for kind in (Lab, Node, Image) for name in vars(kind) if not name.startswith("_")}
    named = set(re.findall(r"`([a-z_]+)\b[^`]*`", PAGE))
    assert offered - named == {"failure", "in_kubeconfig"}  # for the fixtures themselves
