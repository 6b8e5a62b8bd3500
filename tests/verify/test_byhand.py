"""`verify --method article`: the six conditions made with oc, in a lab and in a namespace of the user's; and what is refused."""

import json
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest
from tests.verify.places import verdicts

from pullscope.base.clock import SystemClock
from pullscope.base.errors import UnreachableError, UsageError
from pullscope.cli import program, proving, proving_cluster
from pullscope.cli.proving import Wanted
from pullscope.cli.proving_asked import Asked
from pullscope.clusters.cluster import Cluster, connect
from pullscope.kube import resources
from pullscope.kube.status import ApiError
from pullscope.lab.config import LabConfig
from pullscope.testing import lab as labs
from pullscope.testing.lab import Lab
from pullscope.verify import path
from pullscope.verify.byhand import preparing
from pullscope.verify.byhand.hands import FOLDER, Hands, Ran
from pullscope.verify.cases import article
from pullscope.verify.evidence import Evidence
from pullscope.verify.judge import judge
from pullscope.verify.making import Making
from pullscope.verify.obstacles import ObstacleError
from pullscope.verify.result import Report
from pullscope.verify.target import Builds, Target


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with labs.running(LabConfig(tutorial=True)) as running:
        yield running


@pytest.fixture
async def cluster(lab: Lab) -> AsyncIterator[Cluster]:
    async with connect(lab.kubeconfig) as connected:
        yield connected


def wanted(*numbers: str) -> Wanted:
    return Wanted(proving.choose(numbers, "article"), "json", everything=False, method="article")


def test_cases_one_after_the_other(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """As a user types it. Whatever the case before left: a stream that is deleted, a Deployment, an image on the node."""
    told = tmp_path / "transcript.md"
    options = ["--case", "3", "--case", "5", "--case", "6", "--lang", "ja", "--transcript", str(told), "-o", "json"]
    assert program.run(["verify", "--method", "article", *options]) == 0
    cases = {case["id"]: case for case in json.loads(capsys.readouterr().out)["cases"]}
    assert {number: case["verdict"] for number, case in cases.items()} == {"3": "pass", "5": "pass", "6": "pass"}
    assert "the ImageStream is deleted" in cases["3"]["because"]
    typed = {number: [each["command"] for each in case["evidence"]["commands"]] for number, case in cases.items()}
    assert typed["3"][0].startswith("oc import-image ")
    assert all("oc debug node/crc -- chroot /host crictl rmi" in " ".join(commands) for commands in typed.values())
    assert [sum("start-build" in each for each in commands) for commands in typed.values()] == [1, 1, 2]
    for case in cases.values():
        assert path.is_walk(tuple(case["evidence"]["path"]))
        assert [operation["operation"] for operation in case["evidence"]["setup"]] == [1, 2, 3]
    check_transcript(told.read_text(encoding="utf-8"))


def check_transcript(text: str) -> None:
    """Every command with what came back, in the language that is wanted."""
    assert text.startswith("# 実行したコマンドとその出力\n\n## No. 3: ")
    assert text.count("$ oc start-build custom-image-java --from-dir=deployment --follow --wait") == 4
    assert "## No. 6: IfNotPresent、ノードにイメージあり、レジストリに別のイメージあり" in text
    assert 'Deployed "/deployments/node.war"\nready\n' in text
    assert "| ノードにイメージあり |" in text
    titles = [line.removeprefix("### ") for line in text.splitlines() if line.startswith("### ")]
    assert titles[:5] == ["準備", "② ノード: なし", "③ レジストリ: なし", "① ポリシー: IfNotPresent", "対照実験"]
    assert titles[5:8] == ["② ノード: あり", "③ レジストリ: なし", "① ポリシー: IfNotPresent"]


async def test_in_a_namespace_of_the_users_only_its_own_things_go(lab: Lab, cluster: Cluster) -> None:
    lab.kubectl("create", "namespace", "shared")
    theirs = {"metadata": {"name": "custom-image-java"}}
    await cluster.create(resources.IMAGE_STREAMS, "shared", theirs)
    asked = Asked(kubeconfig=lab.kubeconfig, namespace="shared")
    report = await by_hand(asked, "8")
    assert verdicts(report) == {"8": "pass"}
    streams = (await cluster.list(resources.IMAGE_STREAMS, "shared")).items
    assert [each["metadata"]["name"] for each in streams] == ["custom-image-java"]
    for kind in (resources.BUILD_CONFIGS, resources.DEPLOYMENTS):
        left = (await cluster.list(kind, "shared")).items
        assert [each for each in left if not each["metadata"].get("deletionTimestamp")] == []


async def by_hand(asked: Asked, *numbers: str) -> Report:
    return await proving_cluster.proven(wanted(*numbers), asked)


async def test_missing_rights_are_named_beforehand(lab: Lab) -> None:
    lab.kubectl("create", "namespace", "mine")
    lab.kubectl("create", "rolebinding", "mine", "--clusterrole=admin", "--user=developer", "-n", "mine")
    asked = Asked(kubeconfig=lab.kubeconfig, context=lab.developer_context, namespace="mine")
    with pytest.raises(UnreachableError, match=r"missing for --method article: .*list nodes") as caught:
        await by_hand(asked)
    assert "--method tags" in caught.value.hint
    assert "use securitycontextconstraints.security.openshift.io privileged" in caught.value.message
    assert "buildconfigs" not in caught.value.message
    with pytest.raises(
        UnreachableError, match=r"create buildconfigs\.build\.openshift\.io, .*create imagestreamimports"
    ):
        await by_hand(replace(asked, namespace="default"))


async def test_a_base_image_that_cannot_be_imported_ends_it(lab: Lab, cluster: Cluster) -> None:
    asked = Asked(kubeconfig=lab.kubeconfig, namespace="default")
    missing = Wanted(article.SIX, "json", everything=False, method="article", base=f"{lab.registry}/no/such:v1")
    with pytest.raises(UnreachableError, match="oc import-image") as caught:
        await proving_cluster.proven(missing, asked)
    assert "--base IMAGE" in caught.value.hint
    assert (await cluster.list(resources.IMAGE_STREAMS, "default")).items == []


class Plain:
    """A Kubernetes that is no OpenShift."""

    server = "https://plain:6443"

    async def list(self, *_: object) -> None:
        raise ApiError(404, "NotFound", "the server could not find the requested resource")


async def test_what_is_no_openshift_is_told_so() -> None:
    target = Target("cluster", cast(Cluster, Plain()), Builds(Scripted(), "x/y:v1"), SystemClock())
    with pytest.raises(UnreachableError, match=r"https://plain:6443 has no builds .*it is no OpenShift"):
        async with preparing.prepared(target, cast(Builds, target.source), "4f2a9c", "default"):
            pass


async def test_a_registry_cannot_be_named(lab: Lab) -> None:
    with pytest.raises(UsageError, match="the cluster's own registry"):
        await by_hand(Asked(kubeconfig=lab.kubeconfig, registry="quay.io/me/x"))


# ------------------------------------------------------------------------------------------------------- hands


class Scripted:
    """An oc that answers what it is told to."""

    def __init__(self, *answers: Ran) -> None:
        self.answers = list(answers)
        self.asked: list[Sequence[str]] = []

    async def __call__(self, arguments: Sequence[str]) -> Ran:
        self.asked.append(arguments)
        return self.answers.pop(0)


def making() -> Making:
    return Making(article.SIX[0], Evidence("r/x:v1"))


async def test_the_folder_is_not_told(tmp_path: Path) -> None:
    oc = Scripted(Ran(0, f"Uploading {tmp_path.as_posix()}/deployment\ndone\n", "done\n"))
    hands, case = Hands(oc, tmp_path), making()
    hands.begin(case)
    step = await hands.do(f"oc start-build x --from-dir={FOLDER}deployment")
    assert oc.asked == [["start-build", "x", f"--from-dir={tmp_path.as_posix()}/deployment"]]
    assert (step.did, step.came_back) == ("$ oc start-build x --from-dir=deployment", "done")
    assert case.evidence.commands[0].output == "Uploading deployment\ndone\n"


async def test_a_command_that_fails_is_an_obstacle_and_is_kept(tmp_path: Path) -> None:
    hands, case = Hands(Scripted(Ran(1, "error: no\n\n", "")), tmp_path), making()
    hands.begin(case)
    with pytest.raises(ObstacleError, match="`oc delete is x` failed: error: no"):
        await hands.do("oc delete is x")
    assert [each.code for each in case.evidence.commands] == [1]


# ------------------------------------------------------------------------------------------------------- judge

_FAILED = "reading manifest v1 in r/x: received unexpected HTTP status: 500 Internal Server Error"


@pytest.mark.parametrize(
    ("deleted", "message", "word"),
    [
        pytest.param(True, _FAILED, "pass", id="the stream is deleted"),
        pytest.param(False, _FAILED, "inconclusive", id="the registry has a fault of its own"),
        pytest.param(True, "dial tcp 10.0.0.1:5000: connection refused", "inconclusive", id="it is out of reach"),
    ],
)
def test_a_deleted_stream_is_a_reason_and_not_an_excuse(
    deleted: bool, message: str, word: str, evidence_of: Callable[[str], Evidence]
) -> None:
    evidence = evidence_of("1")
    assert evidence.pod is not None
    events = tuple(event for event in evidence.events if "manifest unknown" not in event.message)
    seen = replace(
        evidence,
        pod=replace(evidence.pod, message=message),
        events=events,
        registry_requests=None,
        stream_deleted=deleted,
    )
    assert judge(article.SIX[0], seen)[1].word == word
