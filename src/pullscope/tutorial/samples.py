"""The files of the tutorial: the two WARs, one of them where builds take it from, and a correct deployment.yml."""

from collections.abc import Mapping
from pathlib import Path

from pullscope.base.errors import UsageError
from pullscope.images import probe
from pullscope.tutorial.steps import IMAGE, NAME, Change

_MANIFEST = f"""\
# The policy belongs where it stands here: inside the container. One level higher `oc apply` ignores it without a word.
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {NAME}
  labels:
    app: {NAME}
spec:
  replicas: 1
  selector:
    matchLabels:
      app: {NAME}
  template:
    metadata:
      labels:
        app: {NAME}
    spec:
      containers:
      - name: app
        image: {IMAGE}
        imagePullPolicy: IfNotPresent
"""
MANIFEST = "deployment.yml"


def files() -> Mapping[str, bytes]:
    """What is in which file, by its path in the folder."""
    return {
        "deployment/node.war": probe.archive("node.war"),
        "registry.war": probe.archive("registry.war"),
        MANIFEST: _MANIFEST.encode(),
    }


def write(folder: Path) -> list[str]:
    """Write the files and return their paths in the folder. Raises UsageError when others are there: then nothing is written."""
    wanted = files()
    other = [path for path, data in wanted.items() if (folder / path).exists() and (folder / path).read_bytes() != data]
    if other:
        is_are = "is there and differs" if len(other) == 1 else "are there and differ"
        raise UsageError(f"{', '.join(other)} {is_are} in {folder}: nothing was written", hint="name an empty folder")
    for path, data in wanted.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    return list(wanted)


def change(folder: Path, what: Change) -> None:
    """Do in the folder what a step's command would."""
    match what:
        case "samples":
            write(folder)
        case "registry.war":
            (folder / "deployment/node.war").rename(folder / "node.war")
            (folder / "registry.war").rename(folder / "deployment/registry.war")
        case "Always" | "IfNotPresent" as policy:
            before = "IfNotPresent" if policy == "Always" else "Always"
            text = (folder / MANIFEST).read_bytes()
            (folder / MANIFEST).write_bytes(text.replace(before.encode(), policy.encode()))
