"""`pullscope why` as it is typed: its answers, its exit codes, and its word about whatever goes wrong."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.remote import peers
from tests.why import making

from pullscope.cli import program
from pullscope.testing.lab import Lab
from pullscope.why import saving
from pullscope.why.collect import rbac

Ended = Callable[..., tuple[int, str, str]]


NAMESPACE = "why-typed"


@pytest.fixture(scope="module")
def lab(pullscope_lab: Lab) -> Iterator[Lab]:
    """Deployment app in NAMESPACE runs what app:v1 meant before it was pushed again."""
    lab = pullscope_lab
    lab.push({"old.war": b"typed"}, "why-typed/app:v1")
    lab.kubectl("create", "namespace", NAMESPACE)
    lab.kubectl("-n", NAMESPACE, "create", "deployment", "app", f"--image={lab.registry}/why-typed/app:v1")
    lab.kubectl("-n", NAMESPACE, "rollout", "status", "deployment/app", "--timeout=30s")
    lab.push({"new.war": b"typed"}, "why-typed/app:v1")
    yield lab
    lab.delete_namespace(NAMESPACE)


@pytest.fixture
def why(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Ended:
    """Exit code, standard output and standard error of `pullscope why …`, away from the credentials of whoever tests."""
    monkeypatch.setenv("REGISTRY_AUTH_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("LC_ALL", "C")

    def ended(*words: object) -> tuple[int, str, str]:
        code = program.run(["why", *map(str, words)])
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return ended


def changed(lab: Lab, tmp_path: Path, part: str, **fields: Any) -> Path:
    """The lab's kubeconfig with other values in its users (or clusters)."""
    config = yaml.safe_load(lab.kubeconfig.read_text())
    for entry in config[part]:
        entry[part.removesuffix("s")] |= fields
    path = tmp_path / "kubeconfig"
    path.write_text(yaml.safe_dump(config))
    return path


def test_the_stale_image_and_the_same_answer_from_a_file(lab: Lab, why: Ended, tmp_path: Path) -> None:
    facts = tmp_path / "facts.json"
    code, out, err = why("--kubeconfig", lab.kubeconfig, "-n", NAMESPACE, "--save", facts)
    assert (code, err) == (1, "")
    assert f"stale     deployment/app   app         {lab.registry}/why-typed/app:v1" in out
    assert why("--facts", facts) == (1, out, "")
    assert why("deploy/app", "--kubeconfig", lab.kubeconfig, "-n", NAMESPACE)[0] == 1
    code, out, _ = why("--facts", facts, "--lang", "ja", "-o", "json")
    assert code == 1
    assert json.loads(out)["summary"]["stale"] == 1


def test_a_report_in_a_file(lab: Lab, why: Ended, tmp_path: Path) -> None:
    report = tmp_path / "report.html"
    assert why("--kubeconfig", lab.kubeconfig, "-n", NAMESPACE, "-o", "html", "--output-file", report) == (1, "", "")
    assert report.read_text(encoding="utf-8").startswith("<!doctype html>")


def test_a_namespace_with_nothing_in_it(lab: Lab, why: Ended) -> None:
    code, out, err = why("--kubeconfig", lab.kubeconfig, "-n", "openshift")
    assert (code, err) == (0, "")
    assert "nothing found" in out


def test_nothing_that_could_be_judged(why: Ended, tmp_path: Path) -> None:
    unknown = making.facts(making.running(), registry={})
    saving.save(unknown, tmp_path / "facts.json")
    code, out, _ = why("--facts", tmp_path / "facts.json")
    assert code == 3
    assert "unknown" in out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("app",), "'app' is not KIND/NAME"),
        (("deploy/app", "-A"), "workloads are named, or chosen by -A or -l, not both"),
        (("deploy/app", "-l", "a=b"), "workloads are named, or chosen by -A or -l, not both"),
        (("-A", "-n", "x"), "-n names one namespace, -A means all of them"),
        (("--facts", "f", "-A"), "--facts judges a file: no cluster and no workloads can be chosen beside it"),
        (("--facts", "f", "--context", "c"), "--facts judges a file"),
        (("--facts", "nosuch.json"), "cannot read the facts: nosuch.json: No such file or directory"),
        (("--watch", "-o", "json"), "--watch draws tables on the terminal"),
        (("--output-file", "nosuch/report"), "there is no such directory"),
        (("--save", "nosuch/facts"), "there is no such directory"),
        (("--registry-rps", "0"), "--registry-rps"),
        (("-o", "xml"), "xml"),
        (("--registry-ca", "nosuch.pem"), "nosuch.pem"),
    ],
)
def test_usage_errors(lab: Lab, why: Ended, words: tuple[str, ...], said: str) -> None:
    file = () if "--facts" in words else ("--kubeconfig", lab.kubeconfig)
    code, out, err = why(*words, *file)
    assert (code, out) == (2, "")
    assert said in err


def test_an_authority_that_is_none(lab: Lab, why: Ended, tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("no certificate")
    code, _, err = why("--kubeconfig", lab.kubeconfig, "-n", NAMESPACE, "--registry-ca", tmp_path / "ca.pem")
    assert code == 2
    assert "has no certificate that can be used" in err


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "no kubeconfig at"),
        ("", "names no current context"),
        ("{", "is not a kubeconfig"),
        ("\x00", "is not a kubeconfig"),
        ("current-context: x", 'has no context "x"'),
    ],
)
def test_kubeconfigs_that_are_none(why: Ended, tmp_path: Path, content: str | None, said: str) -> None:
    path = tmp_path / "config"
    if content is not None:
        path.write_text(content)
    code, out, err = why("--kubeconfig", path)
    assert (code, out) == (3, "")
    assert said in err
    assert err.startswith("error: ")
    assert len(err.splitlines()) == 2  # the error, and what to do


def test_an_expired_token(lab: Lab, why: Ended, tmp_path: Path) -> None:
    code, _, err = why("--kubeconfig", changed(lab, tmp_path, "users", token="sha256~expired"))
    assert code == 3
    assert err == (
        f"error: {lab.server} does not let you in: Unauthorized\n"
        "hint: the kubeconfig's token or certificate has expired; log in again\n"
    )


def test_a_server_that_is_not_there(lab: Lab, why: Ended, tmp_path: Path) -> None:
    server = f"https://127.0.0.1:{peers.free_port()}"
    code, _, err = why("--kubeconfig", changed(lab, tmp_path, "clusters", server=server))
    assert code == 3
    assert err == f"error: cannot connect to {server}: Connection refused\nhint: is the cluster running?\n"


@pytest.mark.parametrize(
    ("words", "said", "hint"),
    [
        (("-n", "nosuch"), 'the API server said: namespaces "nosuch" not found', ""),
        (("deploy/nosuch",), 'the API server said: deployments.apps "nosuch" not found', ""),
    ],
)
def test_what_is_not_there(lab: Lab, why: Ended, words: tuple[str, ...], said: str, hint: str) -> None:
    assert why(*words, "--kubeconfig", lab.kubeconfig) == (3, "", f"error: {said}\n{hint}")


def test_without_rights(lab: Lab, why: Ended) -> None:
    code, _, err = why("-A", "--kubeconfig", lab.kubeconfig, "--context", lab.developer_context)
    assert code == 3
    assert 'cannot list resource "pods" in API group "" at the cluster scope' in err
    assert "`pullscope why --print-rbac` prints the rights that this takes; or ask about one namespace with -n" in err


def test_the_rights_are_manifests_that_only_read(why: Ended) -> None:
    code, out, err = why("--print-rbac")
    assert (code, err) == (0, "")
    roles = list(yaml.safe_load_all(out))
    assert [role["metadata"]["name"] for role in roles] == [rbac.NAMESPACE_ROLE, rbac.NODES_ROLE, rbac.KUBELETS_ROLE]
    verbs = {verb for role in roles for rule in role["rules"] for verb in rule["verbs"]}
    assert verbs == {"get", "list", "watch"}
    assert not any("secrets" in rule["resources"] for role in roles for rule in role["rules"])
