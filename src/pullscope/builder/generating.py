"""The Dockerfiles that builds are made of: what a source build comes to, and what is added to anybody's own. Pure.

Upstream: openshift/source-to-image pkg/build/strategies/dockerfile/dockerfile.go, openshift/builder
pkg/build/builder/source.go (addBuildParameters), common.go (buildEnv), util/cmd (labels).
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from pullscope.images.dockerfile.lines import DockerfileError, Instruction, Source
from pullscope.kube.api import Object

_DEPLOYMENTS = "/deployments"
_PLACES = ("com.redhat.deployments-dir", "io.openshift.s2i.destination")
_SPECIAL = "\\\"' \t$"
_PREFIX = "io.openshift.build."
_COMMIT = (
    ("commit.id", lambda git: git.get("commit")),
    ("commit.author", lambda git: _person(git.get("author"))),
    ("commit.message", lambda git: git.get("message")),
)


def destination(labels: Mapping[str, str]) -> str:
    """Where a builder image wants the files of a build."""
    return next((labels[place] for place in _PLACES if labels.get(place)), _DEPLOYMENTS)


def of_source(build: Object, image: str, labels: Mapping[str, str], *, files: bool) -> Source:
    """What a source build comes to on the builder image with these labels; `files`: there are some."""
    chosen = build["spec"]["strategy"]["sourceStrategy"]
    marks = _labels(build) | {f"{_PREFIX}image": image, "io.openshift.s2i.build.image": image}
    steps = [("FROM", image), ("LABEL", _pairs(marks)), ("ENV", _pairs(_environment(build) | _given(chosen)))]
    if files:
        steps.append(("COPY", f". {_bare(destination(labels).rstrip('/'))}/"))
    return Source(tuple(Instruction(number, word, rest) for number, (word, rest) in enumerate(steps, 1)), "\\")


def of_docker(build: Object, own: Source) -> tuple[Source, str]:
    """Somebody's Dockerfile as it is built: on the image that the build says, with its variables and labels.

    Also the image that replaces its own, empty when none does. Raises DockerfileError.
    """
    chosen = build["spec"]["strategy"]["dockerStrategy"]
    image = (chosen.get("from") or {}).get("name", "")
    steps: list[Instruction] = []
    froms = [step for step in own.instructions if step.word == "FROM"]
    if not froms:
        others = [step for step in own.instructions if step.word != "ARG"]
        line, why = (
            (others[0].line, "no build stage in current context") if others else (1, "file with no instructions")
        )
        raise DockerfileError(line, why, hint="begin with FROM")
    for step in own.instructions:
        if step is not froms[-1]:
            steps.append(step)
            continue
        steps.append(replace(step, rest=_from(step, image)) if image else step)
        if given := _given(chosen):
            steps.append(Instruction(step.line, "ENV", _pairs(given, own.escape)))
    last = steps[-1].line + 1
    steps.append(Instruction(last, "ENV", _pairs(_environment(build), own.escape)))
    steps.append(Instruction(last, "LABEL", _pairs(_labels(build), own.escape)))
    return Source(tuple(steps), own.escape), image


def _from(step: Instruction, image: str) -> str:
    """The instruction's rest with another image; its name stays."""
    texts = step.rest.split()
    at = next((number for number, text in enumerate(texts) if not text.startswith("--")), len(texts))
    return " ".join([*texts[:at], image, *texts[at + 1 :]])


def _environment(build: Object) -> dict[str, str]:
    metadata = build["metadata"]
    return {"OPENSHIFT_BUILD_NAME": metadata["name"], "OPENSHIFT_BUILD_NAMESPACE": metadata["namespace"]}


def _given(chosen: Object) -> dict[str, str]:
    return {each["name"]: each.get("value") or "" for each in chosen.get("env") or ()}


def _labels(build: Object) -> dict[str, str]:
    metadata, git = build["metadata"], (build["spec"].get("revision") or {}).get("git") or {}
    found = {f"{_PREFIX}name": metadata["name"], f"{_PREFIX}namespace": metadata["namespace"]}
    found |= {f"{_PREFIX}{name}": value for name, read in _COMMIT if (value := read(git))}
    return found | dict(_own(build))


def _own(build: Object) -> Iterator[tuple[str, str]]:
    for label in build["spec"]["output"].get("imageLabels") or ():
        yield label["name"], label.get("value") or ""


def _person(user: Object | None) -> str:
    return f"{user.get('name', '')} <{user.get('email', '')}>" if user else ""


def _pairs(values: Mapping[str, str], escape: str = "\\") -> str:
    return " ".join(f"{_quoted(name, escape)}={_quoted(value, escape)}" for name, value in values.items())


def _quoted(text: str, escape: str) -> str:
    """A word in quotes; variables in it count, as upstream."""
    for special in (escape, '"'):
        text = text.replace(special, escape + special)
    return f'"{text}"'


def _bare(text: str) -> str:
    """A word without quotes that means this text and nothing else."""
    return "".join(f"\\{letter}" if letter in _SPECIAL else letter for letter in text)
