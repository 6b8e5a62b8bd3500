"""Somebody wrote a digest: what runs cannot change with a tag, and that is meant so."""

from pullscope.pull.flow import Text
from pullscope.why import mends, said
from pullscope.why.case import Case
from pullscope.why.facts import RegistryImage
from pullscope.why.findings import Cause, Mend

ID = "digest-pinned"
TITLE = Text("the image is named by its digest", "イメージがダイジェストで指定されている")


def look(case: Case) -> Cause | None:
    """Always certain: it is written there."""
    if case.word != "pinned":
        return None
    moved = _tag(case)
    return Cause(ID, TITLE, "certain", (said.plain(case.meaning.text), *_moved(case, moved)), _mends(case, moved))


def _tag(case: Case) -> RegistryImage | None:
    """What the tag beside the digest means now, when that is another image."""
    reference = case.meaning.reference
    if reference is None or reference.tag is None:
        return None
    image = case.world.registry(reference.with_tag(reference.tag))
    return image if image and image.status == "found" and image.digest != str(reference.digest) else None


def _moved(case: Case, image: RegistryImage | None) -> tuple[Text, ...]:
    if image is None or case.meaning.reference is None:
        return ()
    tag, digest = case.meaning.reference.tag, said.short(image.digest)
    return (
        Text(
            f"the tag {tag} beside it is not looked at; it means {digest} now",
            f"併記されたタグ {tag} は参照されません。現在は {digest} を指します",
        ),
    )


def _mends(case: Case, moved: RegistryImage | None) -> tuple[Mend, ...]:
    reference = case.meaning.reference
    if moved is None or reference is None:
        return ()
    newer = f"{reference.name}:{reference.tag}@{moved.digest}"
    return mends.some(
        mends.image(case.container, newer, Text("names what the tag means now", "タグが現在指すイメージを指定する"))
    )
