"""The image was loaded into the node (`kind load`, `ctr images import`), never pulled, and nothing replaces it there."""

from pullscope.pull.flow import Text
from pullscope.why import mends
from pullscope.why.case import Case
from pullscope.why.findings import Cause, Mend
from pullscope.why.rules import node_cache

ID = "side-loaded"
TITLE = Text(
    "the node's image was loaded, not pulled, and is not replaced", "ノードに直接ロードされたイメージが置き換えられない"
)


def look(case: Case) -> Cause | None:
    """An image without any repository's digest was never pulled under the name it has."""
    if case.word not in ("stale", "unknown") or not case.cached or case.running is None or not case.running.loaded:
        return None
    if case.kubelet.names_loaded and not case.running.name:
        return None  # its name was taken away: by another pull under that tag, or by hand
    if case.meaning.image is None or case.meaning.image.status != "found":
        return None
    bare = Text(
        f"its imageID is {case.running}, of no repository: it was loaded from an archive, or its name was taken away",
        f"imageID は {case.running} で、リポジトリのものではありません。アーカイブからロードされたか、名前が外されています",
    )
    unnamed = bool(case.running.name) or (case.held is not None and not case.held.digests)
    return Cause(ID, TITLE, "certain" if unnamed else "likely", (bare,), (*node_cache.follow(case), _load(case)))


def _load(case: Case) -> Mend:
    name = str(case.reference or case.container.image)
    loaded = mends.command("kind", "load", "docker-image", name)
    why = Text(
        "on kind: loads what docker has under this name, and starts fresh pods",
        "kind の場合: docker のイメージを再ロードする",
    )
    return mends.chain(Mend(loaded, why), mends.fresh(case.container, why))
