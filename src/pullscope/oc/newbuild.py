"""`oc new-build --image-stream --binary --name`: a build config whose source comes with each build.

Upstream: openshift/oc release 4.22 pkg/cli/newbuild and pkg/helpers/newapp.
"""

import secrets

from pullscope.kube.api import Object
from pullscope.kube.resources import BUILD_CONFIGS, IMAGE_STREAMS
from pullscope.kube.status import ApiError
from pullscope.oc import found, making
from pullscope.oc.arguments import Arguments, Flags
from pullscope.oc.errors import OcError
from pullscope.oc.found import Found
from pullscope.oc.session import Session

FLAGS = Flags(values=("i/image-stream", "name", "to", "strategy"), switches=("binary",))
_BY = "OpenShiftNewBuild"
_NOT_FOUND = """\
unable to locate any images in image streams with name "{word}"

The 'oc new-build' command will match arguments to the following types:

  1. Images tagged into image streams in the current project or the 'openshift' project
     - if you don't specify a tag, we'll add ':latest'
  2. Images in the container registry, on remote registries, or on the local container engine
  3. Git repository URLs or local paths that point to Git repositories

--allow-missing-images can be used to force the use of an image that was not matched

See 'oc new-build -h' for examples.\
"""


async def run(session: Session, arguments: Arguments) -> int:
    """Make the build config, and the stream that its images go to."""
    words = [*arguments.all("image-stream"), *arguments.words]
    if not arguments.on("binary"):
        raise OcError("`pullscope oc new-build` makes binary builds alone: add --binary")
    if arguments.text("strategy", "source") not in ("source", "docker"):
        raise OcError("--strategy is source or docker")
    if len(words) != 1:
        raise OcError("exactly one image stream is needed: --image-stream=NAME:TAG")
    image = await found.look(session, words[0], [session.namespace, "openshift"])
    if not isinstance(image, Found):
        raise OcError(_NOT_FOUND.format(word=words[0]))
    name = arguments.text("name") or image.stream
    target = arguments.text("to") or f"{name}:latest"
    target = target if ":" in target else f"{target}:latest"
    docker = arguments.text("strategy") == "docker"
    _describe(session, image, target, docker=docker)
    objects = [(BUILD_CONFIGS, _config(image, name, target, docker=docker))]
    stream = target.partition(":")[0]
    if not await _exists(session, stream):
        objects.insert(0, (IMAGE_STREAMS, _stream(name, stream)))
    made = await making.make(session, f"Creating resources with label build={name}", objects)
    return 0 if made else 1


def _describe(session: Session, image: Found, target: str, *, docker: bool) -> None:
    session.console.out(found.picture(image, session.clock.now()))
    session.console.out(
        f"    * A {'Docker' if docker else 'source'} build using binary input will be created\n"
        f'      * The resulting image will be pushed to image stream tag "{target}"\n'
        "      * A binary build was created, use 'oc start-build --from-dir' to trigger a new build\n"
    )


async def _exists(session: Session, stream: str) -> bool:
    try:
        await session.read(IMAGE_STREAMS.path(session.namespace, stream))
    except ApiError as error:
        if error.code != 404:
            raise
        return False
    return True


def _stream(name: str, stream: str) -> Object:
    return {
        "apiVersion": IMAGE_STREAMS.api_version,
        "kind": IMAGE_STREAMS.kind,
        "metadata": found.head(stream, {"build": name}, _BY),
        "spec": {"lookupPolicy": {"local": False}},
        "status": {"dockerImageRepository": ""},
    }


def _config(image: Found, name: str, target: str, *, docker: bool) -> Object:
    base = {"kind": "ImageStreamTag", "name": f"{image.stream}:{image.tag}", "namespace": image.namespace}
    kind = "Docker" if docker else "Source"
    return {
        "apiVersion": BUILD_CONFIGS.api_version,
        "kind": BUILD_CONFIGS.kind,
        "metadata": found.head(name, {"build": name}, _BY),
        "spec": {
            "nodeSelector": None,
            "output": {"to": {"kind": "ImageStreamTag", "name": target}},
            "postCommit": {},
            "resources": {},
            "source": {"binary": {}, "type": "Binary"},
            "strategy": {f"{kind.lower()}Strategy": {"from": base}, "type": kind},
            "triggers": [
                {"github": {"secret": secrets.token_urlsafe(15)}, "type": "GitHub"},
                {"generic": {"secret": secrets.token_urlsafe(15)}, "type": "Generic"},
            ],
        },
        "status": {"lastVersion": 0},
    }
