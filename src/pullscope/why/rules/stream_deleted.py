"""The image stream, or its tag, that the image comes from is gone (or was never imported)."""

from pullscope.openshift import names
from pullscope.pull.flow import Text
from pullscope.why import mends
from pullscope.why.case import Case
from pullscope.why.findings import Cause, Mend
from pullscope.why.world import StreamName

ID = "stream-deleted"
TITLE = Text("the image stream or its tag is gone", "イメージストリームまたはそのタグがない")


def look(case: Case) -> Cause | None:
    """Certain: the API server was asked."""
    stream, image = case.meaning.stream, case.meaning.image
    if case.word not in ("unknown", "failing") or stream is None or image is None or image.status == "found":
        return None
    what = Text(f"there is no {stream}", f"{stream} がありません")
    gone = (
        what
        if stream.stream is None
        else Text(f"the image stream has no tag {stream.tag}", f"タグ {stream.tag} がありません")
    )
    failure = (
        (Text(f"its import failed: {image.error}", f"インポートに失敗しました: {image.error}"),) if image.error else ()
    )
    return Cause(ID, TITLE, "certain", (gone, *failure), (_mend(case, stream),))


def _mend(case: Case, stream: StreamName) -> Mend:
    """Point the tag to what runs, where that is another registry's; else make the stream for the next push."""
    running = case.running
    tag = f"{stream.namespace}/{stream.name}:{stream.tag}"
    if stream.item and stream.item.follows:
        words = ("oc", "import-image", f"{stream.name}:{stream.tag}", "--confirm", "-n", stream.namespace)
        return Mend(mends.command(*words), Text("imports the tag again", "タグを再インポートする"))
    if running and running.name and not running.name.startswith(names.INTERNAL_REGISTRY):
        why = Text("makes the tag again, pointing to what runs", "動作中のイメージを指すタグを作り直す")
        return Mend(mends.command("oc", "tag", "--source=docker", str(running), tag), why)
    why = Text("makes the stream; then push the image again", "ストリームを作成する。その後イメージを push し直す")
    return Mend(mends.command("oc", "create", "imagestream", stream.name, "-n", stream.namespace), why)
