"""The pod names a digest that is gone: an old revision whose image was pruned, or was never there."""

from collections.abc import Iterable

from pullscope.pull.complaints import Cause as Complaint
from pullscope.pull.flow import Text
from pullscope.why import mends, said
from pullscope.why.case import Case
from pullscope.why.facts import Container, Stream, Workload
from pullscope.why.findings import Cause, Mend

ID = "revision-pruned"
TITLE = Text("the revision's image was pruned", "リビジョンのイメージが削除 (prune) された")


def look(case: Case) -> Cause | None:
    """Certain where the image stream that had it has it no more; likely for any other digest that is missing."""
    reference = case.reference
    if case.word != "failing" or case.complaint is not Complaint.MISSING or reference is None or not reference.digest:
        return None
    streams = case.world.histories(reference)
    if any(str(reference.digest) == item.image for each in streams for tag in each.tags for item in tag.items):
        return None
    evidence = (said.plain(case.container.message), *(_forgot(each) for each in streams))
    return Cause(ID, TITLE, "certain", evidence, _mends(case, streams[0] if streams else None))


def _forgot(stream: Stream) -> Text:
    name = f"{stream.namespace}/{stream.name}"
    return Text(
        f"the image stream {name} has no such image in its history", f"イメージストリーム {name} の履歴にありません"
    )


def _mends(case: Case, stream: Stream | None) -> tuple[Mend, ...]:
    """The stream's newest image; without a stream, the revision before."""
    container, reference = case.container, case.reference
    newest = next((tag.items[0] for tag in stream.tags if tag.items), None) if stream else None
    if newest and reference:
        why = Text("takes the newest image of the stream", "ストリームの最新イメージを使う")
        return mends.some(mends.image(container, f"{reference.name}@{newest.image}", why))
    return (_elsewhere(case),)


def _elsewhere(case: Case) -> Mend:
    """The revision before, where pods of it are left; else whoever knows another image has to write it."""
    container = case.container
    left = case.world.once("left", lambda: _left(case.world.facts.containers))
    back = Text("goes back to the revision before", "前のリビジョンに戻す")
    undone = mends.undo(container, back) if (container.namespace, container.workload) in left else None
    why = Text("opens the workload in an editor: name an image that is there", "存在するイメージに書き換える")
    return undone or mends.edit(container, why)


def _left(containers: Iterable[Container]) -> frozenset[tuple[str, Workload]]:
    """The workloads that have pods of an older revision."""
    return frozenset((each.namespace, each.workload) for each in containers if not each.revision_current)
