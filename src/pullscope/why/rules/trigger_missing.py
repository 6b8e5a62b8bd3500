"""The image comes from an image stream whose tag has moved, and no trigger tells the workload."""

from pullscope.pull.flow import Text
from pullscope.why import mends, said
from pullscope.why.case import Case
from pullscope.why.facts import Stream, StreamTag
from pullscope.why.findings import Cause, Mend
from pullscope.why.rules import trigger_idle

ID = "trigger-missing"
TITLE = Text("no image trigger follows the image stream", "イメージストリームを追うトリガーがない")


def look(case: Case) -> Cause | None:
    """Where there is no trigger, and none was meant to be (see trigger-broken)."""
    return None if case.container.trigger_fault else followed(case)


def followed(case: Case) -> Cause | None:
    """Certain for a digest out of a tag's history; possible for a tag, since a restart gets that one."""
    container = case.container
    if container.trigger or container.workload.kind not in trigger_idle.KINDS:
        return None
    if case.word == "pinned":
        return _digest(case)
    stream = case.meaning.stream
    if case.word != "stale" or case.answer != "different" or stream is None or stream.stream is None:
        return None
    moved = Text(
        f"{stream} has moved, and nothing starts fresh pods when it does",
        f"{stream} は動きましたが、それに応じて Pod を作り直すものがありません",
    )
    return Cause(ID, TITLE, "possible", (moved,), (_mend(case, stream.stream, stream.tag),))


def _digest(case: Case) -> Cause | None:
    """The template names what a tag pointed to once, and points to no more."""
    reference = case.meaning.reference
    for stream in case.world.histories(reference) if reference else ():
        for tag in stream.tags:
            if reference and _was(tag, str(reference.digest)):
                now = said.short(tag.items[0].image)
                moved = Text(
                    f"the tag {stream.namespace}/{stream.name}:{tag.tag} pointed to it, and points to {now} now",
                    f"タグ {stream.namespace}/{stream.name}:{tag.tag} は以前これを指し、現在は {now} を指します",
                )
                return Cause(ID, TITLE, "certain", (moved,), (_mend(case, stream, tag.tag),))
    return None


def _was(tag: StreamTag, digest: str) -> bool:
    return digest in (item.image for item in tag.items[1:]) and tag.items[0].image != digest


def _mend(case: Case, stream: Stream, tag: str) -> Mend:
    container = case.container
    source = f"--from-image={stream.namespace}/{stream.name}:{tag}"
    workload = container.workload.resource
    words = ("oc", "set", "triggers", workload, source, "-c", container.name, *mends.within(container))
    why = Text(
        "lets the image follow the tag, which starts fresh pods",
        "イメージがタグに追随するようにする (Pod が作り直される)",
    )
    return Mend(mends.command(*words), why)
