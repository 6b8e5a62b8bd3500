"""The fixtures in other people's projects: their options, their workers, their failures; and projects without them."""

import re
from pathlib import Path

import pytest
import yaml
from tests.testing.projects import Project

import pullscope


def test_every_worker_has_a_lab_of_its_own(project: Project) -> None:
    project.configure("asyncio_mode = auto\nasyncio_default_fixture_loop_scope = function\n")
    project.write(
        "test_workers.py",
        """
        import asyncio
        from pathlib import Path

        def note(lab, worker):
            Path(f"{worker}.txt").write_text(lab.server, encoding="utf-8")
            return lab.kubectl("get", "nodes", "-o", "name")

        def test_blocking(pullscope_lab, worker_id):
            assert note(pullscope_lab, worker_id) == "node/crc\\n"

        async def test_with_a_loop(pullscope_lab, worker_id):
            assert await asyncio.to_thread(note, pullscope_lab, worker_id) == "node/crc\\n"
        """,
    )
    printed = project.run_apart("-p", "xdist", "-p", "asyncio", "-n", "2")
    assert "2 passed" in printed
    assert len({path.read_text(encoding="utf-8") for path in project.root.glob("gw*.txt")}) == 2


@pytest.mark.parametrize(("options", "nodes"), [([], 3), (["--pullscope-nodes=2"], 2)])
def test_a_lab_has_as_many_nodes_as_wanted(project: Project, options: list[str], nodes: int) -> None:
    project.configure("pullscope_nodes = 3\n")
    project.write(
        "test_nodes.py",
        f"""
        def test_nodes(pullscope_lab):
            assert [node.name for node in pullscope_lab.nodes] == ["crc", "crc-2", "crc-3"][:{nodes}]
            assert pullscope_lab.node is pullscope_lab.nodes[0]
        """,
    )
    assert project.run(*options).passed == 1


def test_a_number_of_nodes_that_cannot_be(project: Project) -> None:
    project.write("test_nodes.py", "def test_nodes(pullscope_lab): ...")
    failed = project.run("--pullscope-nodes=0").failed
    assert failed.when == "setup"
    assert "UsageError: a lab cannot have 0 nodes" in failed.longreprtext


def test_a_failed_test_shows_its_own_line_and_what_happened_in_its_namespace(project: Project) -> None:
    project.write(
        "test_failing.py",
        """
        def test_never(pullscope_lab, pullscope_namespace):
            run = ["run", "app", "--image=127.0.0.1:1/app:v1", "--image-pull-policy=Never", "-n", pullscope_namespace]
            pullscope_lab.kubectl(*run)
            waiting = "jsonpath={.status.containerStatuses[0].state.waiting.reason}=ErrImageNeverPull"
            pullscope_lab.kubectl("wait", "pod/app", "--for", waiting, "-n", pullscope_namespace)
            pullscope_lab.kubectl("logs", "app", "-n", pullscope_namespace)
        """,
    )
    failed = project.run().failed
    *_, line, error, _, place = failed.longreprtext.splitlines()
    assert line == '>       pullscope_lab.kubectl("logs", "app", "-n", pullscope_namespace)'
    assert error.startswith("E       pullscope.testing.kubectl.KubectlError: kubectl logs app -n test-never-")
    assert error.endswith('container "app" in pod "app" is waiting to start: ErrImageNeverPull')
    assert place == "test_failing.py:7: KubectlError"
    (section,) = [text for title, text in failed.sections if title.startswith("pullscope events in test-never-")]
    assert "ErrImageNeverPull    Pod/app: Container image" in section


def test_a_failed_test_says_that_the_lab_is_gone(project: Project) -> None:
    project.write(
        "conftest.py",
        """
        from pullscope.pytest_plugin import _Witness

        class Gone:
            failure = RuntimeError("a part broke")

        def pytest_configure(config):
            config.pluginmanager.register(_Witness(Gone()))
        """,
    )
    project.write("test_gone.py", "def test_it(): assert 0")
    assert ("pullscope lab", "it has ended: RuntimeError: a part broke") in project.run().failed.sections


def test_the_lab_is_in_the_users_kubeconfig_while_tests_run(project: Project) -> None:
    project.write("config", "kind: Config\ncurrent-context: mine\ncontexts: [{name: mine, context: {}}]\n")
    before = yaml.safe_load((project.root / "config").read_bytes())
    project.write(
        "test_contexts.py",
        """
        from pathlib import Path
        import yaml

        def test_contexts(pullscope_lab):
            config = yaml.safe_load(Path("config").read_bytes())
            assert config["current-context"] == "mine"
            names = [each["name"] for each in config["contexts"]]
            assert names == ["mine", "pullscope-pytest", "pullscope-pytest-developer"]
        """,
    )
    assert project.run("--pullscope-kubeconfig=config").passed == 1
    after = yaml.safe_load((project.root / "config").read_bytes())
    assert {key: value for key, value in after.items() if value} == before | {"apiVersion": "v1"}


def test_an_interrupt_ends_the_lab(project: Project) -> None:
    project.write(
        "test_interrupted.py",
        """
        from pathlib import Path

        def test_interrupted(pullscope_lab):
            Path("where.txt").write_text(str(pullscope_lab.kubeconfig.parent), encoding="utf-8")
            raise KeyboardInterrupt
        """,
    )
    assert project.run().code == pytest.ExitCode.INTERRUPTED
    assert not Path((project.root / "where.txt").read_text(encoding="utf-8")).exists()


def test_who_asks_for_no_lab_pays_for_none(project: Project) -> None:
    project.write(
        "test_modules.py",
        """
        import sys

        def test_modules(request):
            assert request.config.pluginmanager.hasplugin("pullscope")
            ours = {name for name in sys.modules if name.split(".")[0] == "pullscope"}
            assert ours == {"pullscope", "pullscope.pytest_plugin"}
        """,
    )
    project.run_apart()


def test_the_plugin_alone_needs_pytest() -> None:
    importing = re.compile(r"^\s*(?:import|from) _?pytest\b", re.MULTILINE)
    sources = Path(pullscope.__file__).parent.rglob("*.py")
    needing = [path.name for path in sources if importing.search(path.read_text(encoding="utf-8"))]
    assert needing == ["pytest_plugin.py"]
