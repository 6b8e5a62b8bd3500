"""`oc new-app STREAM`: a Deployment that follows an image stream's tag, and a Service for its ports.

Upstream: openshift/oc release 4.22 pkg/cli/newapp and pkg/helpers/newapp.
"""

import json

from pullscope.kube.api import Object
from pullscope.kube.resources import DEPLOYMENTS, SERVICES
from pullscope.oc import found, making
from pullscope.oc.arguments import Arguments, Flags
from pullscope.oc.errors import OcError
from pullscope.oc.found import Found, WithoutTag
from pullscope.oc.session import Session
from pullscope.openshift import names

FLAGS = Flags(values=("i/image-stream", "name"))
_BY = "OpenShiftNewApp"
_CLASSIFIED = "Argument '{word}' was classified as an image, image~source, or loaded template reference."
_WITHOUT_TAG = """\
no tags found on matching image stream: "{stream}"

{classified}

The image stream "{stream}" exists, but it has no tags.

  Use --allow-missing-imagestream-tags to use this image stream
"""
_NOT_FOUND = """\
 local file access failed with: stat {word}: no such file or directory
error: unable to locate any images in image streams, templates loaded in accessible projects, template files, local docker \
images with name "{word}"

{classified}

The 'oc new-app' command will match arguments to the following types:

  1. Images tagged into image streams in the current project or the 'openshift' project
     - if you don't specify a tag, we'll add ':latest'
  2. Images in the container storage, on remote registries, or on the local container engine
  3. Templates in the current project or the 'openshift' project
  4. Git repository URLs or local paths that point to Git repositories

--allow-missing-images can be used to point to an image that does not exist yet.

See 'oc new-app -h' for examples.\
"""


async def run(session: Session, arguments: Arguments) -> int:
    """Make what runs the image."""
    words = [*arguments.all("image-stream"), *arguments.words]
    if len(words) != 1:
        raise OcError("exactly one image stream is needed: new-app NAME[:TAG]")
    (word,) = words
    image = await _image(session, word)
    name = arguments.text("name") or image.stream
    session.console.out(found.picture(image, session.clock.now()) + "\n")
    ports = sorted((int(port), protocol.upper() or "TCP") for port, _, protocol in _exposed(image))
    labels = {"app": name, "app.kubernetes.io/component": name, "app.kubernetes.io/instance": name}
    if name != image.stream:
        labels |= {"app.kubernetes.io/component": image.stream, "app.kubernetes.io/name": image.stream}
    objects = [(DEPLOYMENTS, _deployment(image, name, labels, ports))]
    objects += [(SERVICES, _service(name, labels, ports))] if ports else []
    if not await making.make(session, "Creating resources", objects):
        return 1
    if ports:
        session.console.out(
            "    Application is not exposed. You can expose services to the outside world by executing one or more of "
            f"the commands below:\n     'oc expose service/{name}' "
        )
    session.console.out("    Run 'oc status' to view your app.")
    return 0


async def _image(session: Session, word: str) -> Found:
    classified = _CLASSIFIED.format(word=word)
    match await found.look(session, word, [session.namespace, "openshift"]):
        case Found() as image:
            return image
        case WithoutTag() as empty:
            stream = f"{empty.namespace}/{empty.stream}"
            raise OcError(_WITHOUT_TAG.format(stream=stream, classified=classified))
        case None:
            raise OcError(_NOT_FOUND.format(word=word, classified=classified))


def _exposed(image: Found) -> list[tuple[str, str, str]]:
    return [port.partition("/") for port in image.config.get("ExposedPorts") or ()]


def _deployment(image: Found, name: str, labels: dict[str, str], ports: list[tuple[int, str]]) -> Object:
    source = {"kind": "ImageStreamTag", "name": f"{image.stream}:{image.tag}", "namespace": image.namespace}
    path = f'spec.template.spec.containers[?(@.name=="{image.stream}")].image'
    trigger = json.dumps([{"from": source, "fieldPath": path}], separators=(",", ":"))
    metadata, pod = found.head(name, labels, _BY), found.head(name, {"deployment": name}, _BY)
    metadata["annotations"][names.TRIGGERS] = trigger
    del pod["name"]
    container = {
        "image": " ",
        "name": image.stream,
        "ports": [{"containerPort": port, "protocol": protocol} for port, protocol in ports],
        "resources": {},
    }
    return {
        "apiVersion": DEPLOYMENTS.api_version,
        "kind": DEPLOYMENTS.kind,
        "metadata": metadata,
        "spec": {
            "replicas": 1,
            "selector": {"matchLabels": {"deployment": name}},
            "strategy": {},
            "template": {"metadata": pod, "spec": {"containers": [container]}},
        },
        "status": {},
    }


def _service(name: str, labels: dict[str, str], ports: list[tuple[int, str]]) -> Object:
    shown = [
        {"name": f"{port}-{protocol.lower()}", "port": port, "protocol": protocol, "targetPort": port}
        for port, protocol in ports
    ]
    return {
        "apiVersion": SERVICES.api_version,
        "kind": SERVICES.kind,
        "metadata": found.head(name, labels, _BY),
        "spec": {"ports": shown, "selector": {"deployment": name}},
        "status": {"loadBalancer": {}},
    }
