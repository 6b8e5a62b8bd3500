"""The image stream points to what it imported once, and what it follows has moved since: even Always gets the old one.

Upstream: the internal registry resolves tags from the ImageStream's status; scheduled imports come every 15 minutes
(openshift-controller-manager 4.22).
"""

from pullscope.pull.flow import Text
from pullscope.why import mends, said
from pullscope.why.case import Case
from pullscope.why.findings import Cause, Mend
from pullscope.why.rules import lookup_local, node_cache

ID = "stream-not-imported"
TITLE = Text("the image stream was not imported again", "イメージストリームが再インポートされていない")


def look(case: Case) -> Cause | None:
    """Certain: the stream's tag and what it follows were both read."""
    meaning = case.meaning
    if case.word != "stale" or not meaning.behind or not (meaning.stream and meaning.image and meaning.upstream):
        return None
    tags = Text(
        f"{meaning.stream} points to {said.short(meaning.image.digest)}; "
        f"{meaning.source} means {said.short(meaning.upstream.digest)}",
        f"{meaning.stream} は {said.short(meaning.image.digest)}、{meaning.source} は {said.short(meaning.upstream.digest)} を指します",
    )
    return Cause(ID, TITLE, "certain", (tags, *_schedule(case)), (_mend(case),))


def _schedule(case: Case) -> tuple[Text, ...]:
    tag = case.meaning.stream.item if case.meaning.stream else None
    if tag and tag.failure:
        return (Text(f"the last import failed: {tag.failure}", f"前回のインポートは失敗しました: {tag.failure}"),)
    if tag and tag.scheduled:
        return (Text("it is imported every 15 minutes", "15 分ごとにインポートされます"),)
    return (Text("nothing imports it by itself", "自動ではインポートされません"),)


def _mend(case: Case) -> Mend:
    """Import; a trigger then does the rest, and without one the pods have to be made anew."""
    container, stream = case.container, case.meaning.stream
    tag = f"{stream.name}:{stream.tag}" if stream else ""
    namespace = stream.namespace if stream else container.namespace
    why = Text("imports the tag again", "タグを再インポートする")
    imported = Mend(mends.command("oc", "import-image", tag, "--confirm", "-n", namespace), why)
    if container.trigger and not container.trigger_paused:
        return imported
    return mends.chain(imported, _restarted(case))


def _restarted(case: Case) -> Mend:
    """The new digest is pulled unless the pod's reference is a tag that the node knows, or an older digest of the tag."""
    why = Text("imports the tag again, and starts fresh pods", "タグを再インポートし、Pod を作り直す")
    if case.by_digest:
        return lookup_local.anew(case, why)
    if case.cached:
        return next(iter(node_cache.follow(case)), mends.fresh(case.container, why))
    return mends.fresh(case.container, why)
