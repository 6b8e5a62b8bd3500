"""A mirror or a pull-through cache answered for the registry, with what the tag meant there.

Upstream: containers-registries.conf(5), ImageTagMirrorSet; also caches that resolve tags to what the cluster has already.
"""

from pullscope.oci.reference import Reference
from pullscope.pull.flow import Text
from pullscope.why import identity, mends, said
from pullscope.why.case import Case
from pullscope.why.findings import Cause, Mend

ID = "mirror"
TITLE = Text(
    "a mirror or a cache answers for the registry, with an older image",
    "ミラーまたはキャッシュが古いイメージを返している",
)


def look(case: Case) -> Cause | None:
    """Certain where the mirror gives just what runs; possible where a pull gave another image than there already was."""
    if case.word != "stale" or case.answer != "different" or case.reference is None or case.delivered == "node":
        return None
    if case.by_digest:
        return None
    for place in case.mirrors:
        if _gives(case, place):
            return Cause(ID, TITLE, "certain", (_says(case, place),), _synced(case, place))
    if case.delivered != "registry" or case.moved_after_start is not False or case.start is None:
        return None
    return Cause(ID, TITLE, "likely" if case.mirrors else "possible", _pulled(case), _pinned(case))


def _gives(case: Case, place: Reference) -> bool:
    image = case.world.registry(place)
    return bool(image and case.running and case.running.digest in identity.digests(image))


def _says(case: Case, place: Reference) -> Text:
    digest = said.short(case.running.digest) if case.running else ""
    return Text(f"the mirror's {place} means {digest}, which runs", f"ミラーの {place} は動作中の {digest} を指します")


def _pulled(case: Case) -> tuple[Text, ...]:
    made = said.at(case.moved) if case.moved else ""
    older = Text(
        f"the image that the tag means now is from {made}, before that pull",
        f"タグが現在指すイメージは {made} のもので、この取得より前です",
    )
    return (said.plain(case.start.message), older) if case.start else (older,)


def _synced(case: Case, place: Reference) -> tuple[Mend, ...]:
    copy = mends.command("skopeo", "copy", "--all", f"docker://{case.reference}", f"docker://{place}")
    why = Text("brings the mirror up to date, and starts fresh pods", "ミラーを更新し、Pod を作り直す")
    return (mends.chain(Mend(copy, why), _started(case, why)), *_pinned(case))


def _started(case: Case, why: Text) -> Mend:
    always = mends.policy(case.container, "Always", why) if case.cached else None
    return always or mends.fresh(case.container, why)


def _pinned(case: Case) -> tuple[Mend, ...]:
    image, reference = case.meaning.image, case.meaning.reference
    if image is None or reference is None:
        return ()
    why = Text(
        "names the image by its digest, which no mirror can mistake",
        "ダイジェストで指定し、ミラーに左右されないようにする",
    )
    return mends.some(mends.image(case.container, f"{reference.name}@{image.digest}", why))
