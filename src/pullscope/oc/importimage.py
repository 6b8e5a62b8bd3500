"""`oc import-image`: let the server look at an image and keep what it finds in a stream.

Upstream: openshift/oc release 4.22 pkg/cli/importimage/importimage.go.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from pullscope.kube.api import Object
from pullscope.kube.resources import IMAGE_STREAM_IMPORTS, IMAGE_STREAMS
from pullscope.kube.status import ApiError
from pullscope.oc import describing, discovery
from pullscope.oc.arguments import Arguments, Flags
from pullscope.oc.errors import OcError
from pullscope.oc.session import Session
from pullscope.openshift import streams

FLAGS = Flags(
    values=("from", "reference-policy", "import-mode"),
    switches=("confirm", "all", "scheduled", "insecure", "dry-run"),
)


@dataclass(frozen=True)
class Name:
    """What the first argument means: a stream, a tag of it (empty: none was given)."""

    stream: str
    tag: str


def parse(word: str) -> Name:
    """`[HOST/][NAMESPACE/]STREAM[:TAG]`: host and namespace are dropped, as upstream does. Raises OcError."""
    parts = word.split("/")
    if len(parts) > 1 and ("." in parts[0] or ":" in parts[0] or parts[0] == "localhost"):
        parts.pop(0)
    rest = "/".join(parts[1:] if len(parts) > 1 else parts)
    stream, _, tag = rest.partition(":")
    if "/" in stream:
        raise OcError(f"invalid resource name \"{stream}\": [may not contain '/']")
    return Name(stream, tag)


async def run(session: Session, arguments: Arguments) -> int:
    """Import, and describe what came of it. 1 when an image could not be imported."""
    if len(arguments.words) != 1:
        raise OcError("you must specify the name of an image stream")
    name = parse(arguments.words[0])
    stream = await _stream(session, name, arguments)
    request = _request(session, arguments, name, stream)
    answer = await session.send("POST", IMAGE_STREAM_IMPORTS.path(session.namespace), request)
    return _tell(session, arguments, name, answer)


async def _stream(session: Session, name: Name, arguments: Arguments) -> Object | None:
    try:
        return await session.read(IMAGE_STREAMS.path(session.namespace, name.stream))
    except ApiError as error:
        if error.code != 404:
            raise
    if not arguments.on("confirm"):
        raise OcError(f'no image stream named "{name.stream}" exists, pass --confirm to create and import')
    return None


def _request(session: Session, arguments: Arguments, name: Name, stream: Object | None) -> Object:
    version = {"resourceVersion": stream["metadata"]["resourceVersion"]} if stream else {}
    policy = {"importMode": arguments.text("import-mode", "Legacy")}
    switches = {each: True for each in ("insecure", "scheduled") if arguments.on(each)}
    how = {
        "importPolicy": {**policy, **switches},
        "referencePolicy": {"type": arguments.text("reference-policy", "source").capitalize()},
    }
    return {
        "kind": IMAGE_STREAM_IMPORTS.kind,
        "apiVersion": IMAGE_STREAM_IMPORTS.api_version,
        "metadata": {"name": name.stream, "namespace": session.namespace, **version},
        "spec": {
            "import": not arguments.on("dry-run"),
            **_wanted(arguments, name, stream, how),
        },
        "status": {},
    }


def _wanted(arguments: Arguments, name: Name, stream: Object | None, how: Object) -> Object:
    """One image, a whole repository, or (without `--from`) all tags that follow an image elsewhere. Raises OcError."""

    def asked(source: str) -> Object:
        return {"from": {"kind": "DockerImage", "name": source}, **how}

    if not arguments.on("all"):
        return {"images": [{**asked(_source(arguments, name, stream)), "to": {"name": name.tag or "latest"}}]}
    known = str((stream or {}).get("spec", {}).get("dockerImageRepository", ""))
    source = arguments.text("from") or (known if stream else arguments.words[0])
    if not source:
        return {"images": [{**asked(followed), "to": {"name": tag}} for tag, followed in _followed(stream or {})]}
    if stream and source != known and not arguments.on("confirm"):
        differs = (
            f'has a different import spec "{known}"'
            if known
            else "does not currently import an entire image repository"
        )
        raise OcError(f"the image stream {differs}, pass --confirm to update")
    return {"repository": asked(source)}


def _followed(stream: Object) -> list[tuple[str, str]]:
    """The tags of a stream that follow an image elsewhere, and that image. Raises OcError when there are none."""
    tags = [tag for tag in stream["spec"].get("tags") or () if (tag.get("from") or {}).get("kind") == "DockerImage"]
    if not tags:
        raise OcError("image stream does not have tags pointing to external container images")
    return [(tag["name"], tag["from"]["name"]) for tag in tags]


def _source(arguments: Arguments, name: Name, stream: Object | None) -> str:
    """Where the image is. Raises OcError when the stream says otherwise."""
    given, tag = arguments.text("from"), name.tag or "latest"
    if stream is None:
        return given or arguments.words[0]
    spec = streams.spec_tag(stream, tag)
    if spec is None or not spec.get("from"):
        if not given:
            raise OcError(f'the tag "{tag}" does not exist on the image stream - choose an existing tag to import')
        return given
    known, kind = str(spec["from"]["name"]), spec["from"]["kind"]
    if kind != "DockerImage":
        raise OcError(f'tag "{tag}" points to existing {kind} "{known}", it cannot be re-imported')
    if given and given != known:
        change = f"use the 'tag' command if you want to change the source to \"{given}\""
        raise OcError(f'the tag "{tag}" points to "{known}" - {change}')
    return known


def _tell(session: Session, arguments: Arguments, name: Name, answer: Object) -> int:
    failed = [each for each in (*_results(answer), *_repository(answer)) if each["status"].get("status") == "Failure"]
    how = " with errors" * bool(failed) + " (dry run)" * arguments.on("dry-run")
    session.console.out(f"{discovery.label(IMAGE_STREAMS)}/{name.stream} imported{how}\n")
    now, status = session.clock.now(), answer["status"]
    if status.get("import"):
        session.console.out(describing.stream(status["import"], now))
    for each in _results(answer):
        _tell_one(session, name, each)
    for each in _repository(answer):
        if message := each["status"].get("message"):
            session.console.err(f"error: {message}")
    session.console.out("")
    if failed:
        raise OcError("imported completed with errors")
    return 0


def _tell_one(session: Session, name: Name, result: Object) -> None:
    if result.get("image"):
        shown = f"{name.stream}:{result['tag']}" if result.get("tag") else name.stream
        session.console.out(describing.image(result["image"], shown, session.clock.now()))
        return
    session.console.err(f"error: tag {result.get('tag', '')} failed: {result['status'].get('message', '')}")


def _repository(answer: Object) -> list[Object]:
    """What came of asking for a repository's tags, where that was asked for."""
    repository = answer["status"].get("repository")
    return [repository] if repository else []


def _results(answer: Object) -> Iterator[Object]:
    """What came of every image, those of a whole repository last."""
    yield from answer["status"].get("images") or []
    for repository in _repository(answer):
        yield from repository.get("images") or []
