"""The tag moved, and the node used the copy that it had under that name: IfNotPresent (or Never) asks no registry."""

from pullscope.pull.flow import Text
from pullscope.why import mends, said
from pullscope.why.case import Case
from pullscope.why.findings import Cause, Certainty, Mend

ID = "node-cache"
TITLE = Text("the tag moved, and the node used its own copy", "タグが動いたが、ノードにあるイメージが使われた")


def look(case: Case) -> Cause | None:
    """Certain where an event says so; else as likely as the times of image and start make it."""
    if case.word != "stale" or not case.cached or case.answer != "different" or case.delivered == "registry":
        return None
    if case.by_digest or case.outdated:
        return None
    told = _told(case)
    if told is None:
        return None
    certainty, evidence = told
    return Cause(ID, TITLE, certainty, evidence, follow(case))


def _told(case: Case) -> tuple[Certainty, tuple[Text, ...]] | None:
    if case.delivered == "node" and case.start:
        return "certain", (said.plain(case.start.message), *_listed(case))
    if case.moved_after_start:
        return None
    if case.moved_after_start is False and case.moved and case.container.started:
        made, started = said.at(case.moved), said.at(case.container.started)
        before = Text(
            f"the image that the tag means now was made at {made}, before the container was started at {started}",
            f"タグが現在指すイメージは {made} に作られ、コンテナの起動 ({started}) より前です",
        )
        return "likely", (before, *_listed(case))
    return "possible", (_policy(case), *_listed(case))


def _policy(case: Case) -> Text:
    return Text(
        f"imagePullPolicy is {case.container.policy}, and no event tells whence the image came",
        f"imagePullPolicy は {case.container.policy} で、イメージの取得元を示すイベントは残っていません",
    )


def _listed(case: Case) -> tuple[Text, ...]:
    """What the node says of its images, where it may be read."""
    if not (case.held and case.held.digests):
        return ()
    node, digest = case.container.node, said.short(case.held.digests[0])
    return (Text(f"node {node} has {digest} under this name", f"ノード {node} はこの名前で {digest} を持っています"),)


def follow(case: Case) -> tuple[Mend, ...]:
    """How the registry's image comes to run where a node's copy is in the way: a restart alone does not do it."""
    container, image = case.container, case.meaning.image
    if container.template and container.template.policy == "Always":
        why = Text(
            "starts fresh pods, which ask the registry as the template says",
            "Pod を作り直し、テンプレートどおりレジストリから取得する",
        )
        return (mends.fresh(container, why),)
    always = mends.policy(
        container,
        "Always",
        Text(
            "asks the registry at every start, and starts fresh pods now",
            "起動のたびにレジストリに問い合わせるようにし、Pod を作り直す",
        ),
    )
    pinned = case.meaning.reference and image and f"{case.meaning.reference.name}@{image.digest}"
    digest = mends.image(
        container,
        pinned or container.image,
        Text(
            "names the image that the tag means now, which no node can confuse; better still, give each build its own tag",
            "現在のイメージをダイジェストで指定する。ビルドごとに固有のタグを付けるとなおよい",
        ),
    )
    return mends.some(always, digest)
