"""Fixtures for pytest: a cluster with a registry inside the process of the tests (docs/pytest.md).

pytest loads this in every project beside which Pullscope is installed. So nothing of a lab is imported before a test asks
for one, every name begins with `pullscope`, and no hook does anything until then.
"""

import contextlib
import os
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pluggy import Result

    from pullscope.testing.lab import Lab


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--pullscope-nodes`, also in the project's configuration, and `--pullscope-kubeconfig`."""
    group = parser.getgroup("pullscope", "a Kubernetes cluster with a registry: the fixture pullscope_lab")
    nodes = "how many nodes the lab has (default 1)"
    group.addoption("--pullscope-nodes", type=int, metavar="N", help=nodes)
    parser.addini("pullscope_nodes", nodes, default="1")
    kubeconfig = "add the lab's context to this kubeconfig for as long as the tests run"
    group.addoption("--pullscope-kubeconfig", type=Path, metavar="FILE", help=kubeconfig)


@pytest.fixture(scope="session")
def pullscope_lab(pytestconfig: pytest.Config) -> Iterator["Lab"]:
    """A running lab (`pullscope.testing.lab.Lab`), one for all tests of this process."""
    from pullscope.lab.config import LabConfig  # noqa: PLC0415 (a second that other projects need not pay)
    from pullscope.node.kubeletconfig import KubeletConfig  # noqa: PLC0415 (as above)
    from pullscope.testing import lab  # noqa: PLC0415 (as above)

    wanted = pytestconfig.getoption("--pullscope-nodes")
    nodes = int(pytestconfig.getini("pullscope_nodes")) if wanted is None else wanted
    kubeconfig = pytestconfig.getoption("--pullscope-kubeconfig")
    name = "-".join(filter(None, ("pytest", os.environ.get("PYTEST_XDIST_WORKER"))))
    with contextlib.ExitStack() as stack:
        everything = KubeletConfig(
            told=-1
        )  # what one test sees on a node must not depend on what others have left there
        running = stack.enter_context(lab.running(LabConfig(name=name, nodes=nodes, kubelet=everything)))
        if kubeconfig is not None:
            stack.enter_context(running.in_kubeconfig(kubeconfig))
        pytestconfig.pluginmanager.register(_Witness(running))
        yield running


@pytest.fixture
def pullscope_namespace(pullscope_lab: "Lab", request: pytest.FixtureRequest) -> Iterator[str]:
    """The name of a namespace for this test alone, deleted afterwards."""
    name = pullscope_lab.create_namespace(request.node.name)
    yield name
    pullscope_lab.delete_namespace(name)


class _Witness:
    """Adds to the report of a test that failed what its namespace saw, and that the lab is gone if it is."""

    def __init__(self, lab: "Lab") -> None:
        self._lab = lab

    @pytest.hookimpl(hookwrapper=True)  # the old form, so that projects with an older pytest can load this
    def pytest_runtest_makereport(self, item: pytest.Item) -> "Generator[None, Result[pytest.TestReport], None]":
        report = (yield).get_result()
        if report.failed and self._lab.failure is not None:
            ended = f"it has ended: {type(self._lab.failure).__name__}: {self._lab.failure}"
            report.sections.append(("pullscope lab", ended))
        elif report.failed and report.when == "call" and isinstance(item, pytest.Function):
            namespace = item.funcargs.get("pullscope_namespace")
            if isinstance(namespace, str) and (events := self._lab.events(namespace)):
                report.sections.append((f"pullscope events in {namespace}", events))
