"""What references to the internal registry mean, from their image streams; and more of an image where digests differ."""

from collections.abc import Iterable, Mapping
from typing import Any

import orjson

from pullscope.kube import resources
from pullscope.kube.status import ApiError
from pullscope.oci.reference import Reference
from pullscope.why import identity
from pullscope.why.collect import imagestreams, listing
from pullscope.why.collect.ledger import REFUSED, Ledger
from pullscope.why.collect.listing import Reader
from pullscope.why.collect.questions import Question, Questions
from pullscope.why.facts import RegistryImage, Stream

Answers = dict[str, RegistryImage]


def taken(questions: Questions) -> Questions:
    """The questions about the internal registry, which are taken out of the others."""
    return {key: questions.pop(key) for key in list(questions) if imagestreams.place_of(questions[key].name)}


async def answers(cluster: Reader, questions: Questions, streams: Mapping[str, Stream], ledger: Ledger) -> Answers:
    """The answers of these questions by their keys. Of a stream that may not be read nothing is said."""
    found: Answers = {}
    for key, question in questions.items():
        place = imagestreams.place_of(question.name)
        stream = streams.get("/".join(place)) if place else None
        if stream is None:
            continue
        image = meaning(question.name, stream)
        found[key] = image
        if image.status == "found" and question.differs(image.digest):
            found |= await _details(cluster, question, stream, image, ledger)
    return found


def meaning(name: Reference, stream: Stream) -> RegistryImage:
    """What the internal registry would answer for the name: by the stream's history, newest first."""
    where = f"{stream.namespace}/{stream.name}"
    if not stream.exists:
        missing = f'imagestreams.image.openshift.io "{stream.name}" not found'
        return RegistryImage("no repository", error=missing)
    if name.digest:
        known = any(item.image == str(name.digest) for tag in stream.tags for item in tag.items)
        gone = f"imagestream {where} has no image {name.digest} any more"
        via = f"imagestreamimage {where}@{name.digest}"
        return RegistryImage("found", str(name.digest), via=via) if known else RegistryImage("no tag", error=gone)
    items = next((tag.items for tag in stream.tags if tag.tag == name.tag), ())
    if not items:
        return RegistryImage("no tag", error=f'imagestreamtags.image.openshift.io "{stream.name}:{name.tag}" not found')
    return RegistryImage("found", items[0].image, via=f"imagestreamtag {where}:{name.tag}")


async def _details(
    cluster: Reader, question: Question, stream: Stream, image: RegistryImage, ledger: Ledger
) -> Answers:
    found = {str(question.name): await _image(cluster, stream, image, ledger)}
    known = identity.digests(found[str(question.name)])
    for running in question.running:
        if running.name and running.digest not in known:
            via = f"imagestreamimage {stream.namespace}/{stream.name}@{running.digest}"
            found[str(running)] = await _image(cluster, stream, RegistryImage("found", running.digest, via=via), ledger)
    return found


async def _image(cluster: Reader, stream: Stream, image: RegistryImage, ledger: Ledger) -> RegistryImage:
    """The same with what the Image object tells: platforms, config, age."""
    path = resources.IMAGE_STREAM_IMAGES.path(stream.namespace, f"{stream.name}@{image.digest}")
    try:
        found = orjson.loads(await cluster.read(path, largest=listing.LARGEST))
        return _told(image, found.get("image") or {})
    except ApiError as error:
        if error.code == 404:
            return RegistryImage("no tag", via=image.via, error=error.message)
        ledger.note("images of image streams", error, where=f"in namespace {stream.namespace}")
    except (*REFUSED, orjson.JSONDecodeError, AttributeError) as error:
        ledger.note("images of image streams", error, where=f"in namespace {stream.namespace}")
    return image


def _told(image: RegistryImage, obj: Mapping[str, Any]) -> RegistryImage:
    metadata = obj.get("dockerImageMetadata") or {}
    return RegistryImage(
        status="found",
        digest=image.digest,
        manifests=_manifests(obj.get("dockerImageManifests") or ()),
        config=str(metadata.get("Id") or ""),
        created=imagestreams.time_of(metadata.get("Created")),
        via=image.via,
    )


def _manifests(entries: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for entry in entries:
        variant = f"/{entry['variant']}" if entry.get("variant") else ""
        found.setdefault(f"{entry.get('os', '')}/{entry.get('architecture', '')}{variant}", str(entry.get("digest")))
    return found
