"""Which references are asked about, and with what in mind."""

from dataclasses import replace

from tests.why import making

from pullscope.pull.mirrors import Mirror, Rules
from pullscope.why.collect import questions
from pullscope.why.collect.imagestreams import Followed
from pullscope.why.collect.questions import Questions
from pullscope.why.facts import Container, Template

NOBODY: frozenset[str] = frozenset()


def of(*containers: Container, looked_up: frozenset[str] = NOBODY) -> Questions:
    return questions.of(containers, making.nodes(making.node()), looked_up)


def test_one_question_for_a_thousand_pods() -> None:
    asked = of(*(making.running() for _ in range(1000)), making.running(digest=making.NEW))
    (question,) = asked.values()
    assert {each.digest for each in question.running} == {making.OLD, making.NEW}
    assert question.platforms == {"linux/amd64"}
    assert question.pullers == {("demo", ())}


def test_pod_template_and_last_apply_may_each_have_another_image() -> None:
    template = Template("quay.io/team/app:v2", "IfNotPresent", applied="app")
    asked = of(making.running(template=template))
    assert list(asked) == [making.TAGGED, "quay.io/team/app:v2", "docker.io/library/app:latest"]
    assert asked["quay.io/team/app:v2"].running == set()
    assert asked["quay.io/team/app:v2"].held == {making.OLD}  # what a new pod would get may be what runs


def test_a_tag_beside_a_digest_is_asked_for_alone_as_well() -> None:
    image = f"{making.REPOSITORY}:v1@{making.OLD}"
    assert list(of(making.running(image))) == [image, making.TAGGED]


def test_short_names_that_admission_replaces_are_not_asked_for() -> None:
    short = making.running("app:v1", template=None)
    assert list(of(short)) == ["docker.io/library/app:v1"]
    assert list(of(short, looked_up=frozenset({"demo/app:v1"}))) == []
    assert list(of(replace(short, namespace="other"), looked_up=frozenset({"demo/app:v1"}))) != []


def test_what_nodes_hold_counts_as_well() -> None:
    held = making.node("node-1", f"{making.REPOSITORY}@{making.OTHER}", making.TAGGED)
    question = questions.of([making.running()], making.nodes(held), NOBODY)[making.TAGGED]
    assert question.held == {making.OTHER}
    assert question.differs(making.OLD)
    assert not of(making.running())[making.TAGGED].differs(making.OLD)


def test_what_nobody_has_is_looked_into() -> None:
    """Only the index tells that no node could run it."""
    (question,) = of(making.running(image_id="")).values()
    assert question.differs(making.OLD)


def test_mirrors_are_asked_for_the_same() -> None:
    asked = of(making.running())
    questions.add_mirrored(asked, Rules((Mirror("quay.io/team", "mirror.test/x"),)))
    assert asked["mirror.test/x/app:v1"].running == asked[making.TAGGED].running


def test_what_streams_follow_is_compared_with_what_they_have() -> None:
    asked: Questions = {}
    followed = {"quay.io/a/b": Followed({making.OLD}, {"demo"}), "no reference": Followed()}
    questions.add_followed(asked, followed)
    assert list(asked) == ["quay.io/a/b:latest"]
    assert asked["quay.io/a/b:latest"].differs(making.NEW)
    assert asked["quay.io/a/b:latest"].pullers == {("demo", ())}
