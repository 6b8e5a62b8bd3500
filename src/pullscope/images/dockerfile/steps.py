"""What a Dockerfile asks for: the base image, the files to copy, and the config of the image that comes out.

Nothing is executed here, so RUN is refused, and with it everything else that a file copy and a config cannot express. Each
refusal names its line and what to use instead.

Upstream: moby/buildkit frontend/dockerfile/instructions/parse.go and dockerfile2llb/convert.go.
"""

import posixpath
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import orjson

from pullscope.images.dockerfile import words
from pullscope.images.dockerfile.lines import DockerfileError, Instruction, Source

_SHELL = ("/bin/sh", "-c")
_MOST_WORDS, _MOST_CHARACTERS = 10_000, 4 << 20  # of a whole Dockerfile, with the values of its variables
_MOST_FLAGS = 10  # of an instruction
_PORT = 20  # characters that a port counts for
_SHOWN = 200  # characters of a word in a message
_TAKEN = frozenset({"ADD", "ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "LABEL", "USER", "WORKDIR"})
_INSTEAD: Mapping[str, str] = {
    "RUN": "nothing is executed while an image is built here: make the files beforehand and COPY them",
    "HEALTHCHECK": "Kubernetes ignores it: use probes in the pod",
    "MAINTAINER": "use LABEL maintainer=…",
    "ONBUILD": "build the image that it is meant for",
    "SHELL": "write CMD and ENTRYPOINT as JSON lists",
    "STOPSIGNAL": "containers are stopped with SIGTERM",
    "VOLUME": "use volumes of the pod",
}


@dataclass(frozen=True)
class Copy:
    """Copy `sources` of the build context to `target`, an absolute path (with a slash at the end: into that directory).

    `mode` is what --chmod says, else None. `add` marks ADD, which would unpack archives.
    """

    line: int
    sources: tuple[str, ...]
    target: str
    mode: int | None = None
    add: bool = False


@dataclass
class Outcome:
    """What is to be made of the base image. None where the Dockerfile says nothing."""

    env: dict[str, str]
    working_dir: str
    labels: dict[str, str] = field(default_factory=dict)
    ports: dict[str, dict[str, str]] = field(default_factory=dict)
    user: str | None = None
    cmd: tuple[str, ...] | None = None
    entrypoint: tuple[str, ...] | None = None
    copies: list[Copy] = field(default_factory=list)


def base(source: Source, arguments: Mapping[str, str]) -> str:
    """The image that FROM names, `scratch` for none. Raises DockerfileError, also for what no base would make possible."""
    known: dict[str, str] = {}
    texts = _Texts(source.escape)
    for instruction in source.instructions:
        if instruction.word == "ARG":
            _declare(instruction, known, arguments, texts)
        elif instruction.word == "FROM":
            _check(source)
            return _from(instruction, known, texts)
        else:
            raise DockerfileError(instruction.line, "no build stage in current context", hint="begin with FROM")
    raise DockerfileError(1, "file with no instructions", hint="begin with FROM")


def outcome(source: Source, arguments: Mapping[str, str], env: Mapping[str, str], working_dir: str = "/") -> Outcome:
    """What the instructions after FROM come to, on a base image with this environment. Raises DockerfileError."""
    _check(source)
    first = [instruction.word for instruction in source.instructions].index("FROM")
    before: dict[str, str] = {}
    texts = _Texts(source.escape)
    for instruction in source.instructions[:first]:
        _declare(instruction, before, arguments, texts)
    reading = _Reading(texts, arguments, before, Outcome(dict(env), working_dir or "/"))
    for instruction in source.instructions[first + 1 :]:
        reading.take(instruction)
    return reading.result


def _check(source: Source) -> None:
    """Every instruction is one that is taken here, and there is one FROM. Raises DockerfileError."""
    stages = 0
    for instruction in source.instructions:
        stages += instruction.word == "FROM"
        if stages > 1:
            hint = "build the first stage's files beforehand and COPY them"
            raise DockerfileError(instruction.line, "several stages are not supported", hint=hint)
        if instead := _INSTEAD.get(instruction.word):
            raise DockerfileError(instruction.line, f"{instruction.word} is not supported", hint=instead)
        if instruction.word not in _TAKEN | {"FROM"}:
            raise DockerfileError(instruction.line, f"unknown instruction: {instruction.word}")


class _Texts:
    """Processes words, but no more than anybody would write: who uploads a Dockerfile may be nobody's friend."""

    def __init__(self, escape: str) -> None:
        self.escape = escape
        self._words, self._characters = _MOST_WORDS, _MOST_CHARACTERS

    def process(self, instruction: Instruction, text: str, variables: Mapping[str, str]) -> str:
        """A word without its quotes, with the values of its variables. Raises DockerfileError."""
        try:
            found = words.process(text, variables, self.escape)
        except words.WordError as error:
            why = f"failed to process {shlex.quote(text[:_SHOWN])}: {error}"
            raise DockerfileError(instruction.line, why) from error
        self._words -= 1
        self.spend(instruction, len(found))
        return found

    def spend(self, instruction: Instruction, characters: int) -> None:
        """Count what is made. Raises DockerfileError."""
        self._characters -= characters
        if min(self._words, self._characters) < 0:
            raise DockerfileError(instruction.line, "the instructions come to too much")


class _Reading:
    """Takes one instruction after the other; each sees the variables of those before it."""

    def __init__(self, texts: _Texts, given: Mapping[str, str], before: Mapping[str, str], result: Outcome) -> None:
        self.result = result
        self._texts = texts
        self._escape = texts.escape
        self._given = given
        self._before = before
        self._args: dict[str, str] = {}
        self._known: dict[str, Callable[[Instruction], None]] = {
            "ADD": self._copy,
            "ARG": self._arg,
            "CMD": self._cmd,
            "COPY": self._copy,
            "ENTRYPOINT": self._entrypoint,
            "ENV": self._env,
            "EXPOSE": self._expose,
            "LABEL": self._label,
            "USER": self._user,
            "WORKDIR": self._workdir,
        }

    def take(self, instruction: Instruction) -> None:
        if not instruction.rest:
            raise DockerfileError(instruction.line, f"{instruction.word} requires at least one argument")
        self._known[instruction.word](instruction)

    def _word(self, instruction: Instruction, text: str) -> str:
        return self._texts.process(instruction, text, self._args | self.result.env)

    def _arg(self, instruction: Instruction) -> None:
        """One that is declared without a default has the value that it had before FROM."""
        named = {text.partition("=")[0] for text in words.split(instruction.rest, self._escape)}
        self._args |= {name: value for name, value in self._before.items() if name in named}
        _declare(instruction, self._args, self._given, self._texts, self.result.env)

    def _env(self, instruction: Instruction) -> None:
        # Upstream: the variables of one ENV do not see each other.
        self.result.env |= _pairs(instruction, self._escape, lambda text: self._word(instruction, text))

    def _label(self, instruction: Instruction) -> None:
        self.result.labels |= _pairs(instruction, self._escape, lambda text: self._word(instruction, text))

    def _expose(self, instruction: Instruction) -> None:
        for text in self._word(instruction, instruction.rest).split():
            port, _, protocol = text.partition("/")
            protocol = protocol.lower() or "tcp"
            bounds = port.split("-", 1)
            if protocol not in ("tcp", "udp", "sctp") or not all(_is_port(bound) for bound in bounds):
                raise DockerfileError(instruction.line, f"invalid containerPort: {text}")
            ports = range(int(bounds[0]), int(bounds[-1]) + 1)
            self._texts.spend(instruction, len(ports) * _PORT)
            self.result.ports |= {f"{number}/{protocol}": {} for number in ports}

    def _user(self, instruction: Instruction) -> None:
        self.result.user = self._word(instruction, instruction.rest)

    def _workdir(self, instruction: Instruction) -> None:
        self.result.working_dir = posixpath.normpath(
            posixpath.join(self.result.working_dir, self._word(instruction, instruction.rest))
        )

    def _cmd(self, instruction: Instruction) -> None:
        self.result.cmd = _command(instruction)

    def _entrypoint(self, instruction: Instruction) -> None:
        # A CMD of the base image was meant for its ENTRYPOINT: it goes with it.
        self.result.entrypoint = _command(instruction)
        self.result.cmd = self.result.cmd if self.result.cmd is not None else ()

    def _copy(self, instruction: Instruction) -> None:
        flags, rest = _flags(instruction, self._escape)
        mode = _mode(instruction, flags)
        listed = _json_list(rest)
        texts = listed if listed is not None else words.split(rest, self._escape)
        paths = [self._word(instruction, text) for text in texts]
        if len(paths) < 2:
            why = f"{instruction.word} requires at least two arguments, but only one was provided"
            raise DockerfileError(instruction.line, f"{why}. Destination could not be determined")
        *sources, target = paths
        for source in sources:
            _local(instruction, source)
        slash = "/" if target.endswith("/") or target in (".", "") or len(sources) > 1 else ""
        whole = posixpath.normpath(posixpath.join(self.result.working_dir, target)).rstrip("/")
        if len(sources) > 1 and not target.endswith("/") and target != ".":
            why = f"When using {instruction.word} with more than one source file, the destination must be a directory"
            raise DockerfileError(instruction.line, f"{why} and end with a /")
        copied = Copy(instruction.line, tuple(sources), whole + slash or "/", mode, instruction.word == "ADD")
        self.result.copies.append(copied)


def _declare(
    found: Instruction,
    known: dict[str, str],
    given: Mapping[str, str],
    texts: _Texts,
    env: Mapping[str, str] = MappingProxyType({}),
) -> None:
    """ARG: what was given counts, else the default, which may use variables."""
    for text in words.split(found.rest, texts.escape):
        name, equals, default = text.partition("=")
        if name in given:
            known[name] = given[name]
        elif equals:
            known[name] = texts.process(found, default, known | dict(env))


def _from(instruction: Instruction, known: Mapping[str, str], texts: _Texts) -> str:
    flags, rest = _flags(instruction, texts.escape)
    if flags:
        raise DockerfileError(instruction.line, f"FROM {flags[0]} is not supported", hint="leave it out")
    parts = rest.split()
    named = len(parts) == 3 and parts[1].lower() == "as"
    if len(parts) != 1 and not named:
        raise DockerfileError(instruction.line, "FROM requires either one or three arguments")
    image = texts.process(instruction, parts[0], known)
    if not image:
        raise DockerfileError(instruction.line, f"base name ({parts[0]}) should not be blank")
    return image


def _pairs(instruction: Instruction, escape: str, process: Callable[[str], str]) -> dict[str, str]:
    """`name=value …`, or the old form `name value`."""
    texts = words.split(instruction.rest, escape)
    if "=" not in texts[0]:
        name, _, value = instruction.rest.partition(" ")
        if not value.strip():
            raise DockerfileError(instruction.line, f"{instruction.word} must have two arguments")
        return {name: process(value.strip())}
    pairs = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals:
            why = f"Syntax error - can't find = in {shlex.quote(text)}. Must be of the form: name=value"
            raise DockerfileError(instruction.line, why)
        if not name:
            raise DockerfileError(instruction.line, f"{instruction.word} names can not be blank")
        pairs[process(name)] = process(value)
    return pairs


def _flags(instruction: Instruction, escape: str) -> tuple[list[str], str]:
    """The `--flag=value` words at the front, and the rest."""
    flags: list[str] = []
    rest = instruction.rest
    while rest.startswith("--"):
        if len(flags) == _MOST_FLAGS:
            raise DockerfileError(instruction.line, f"more than {_MOST_FLAGS} flags")
        flags.append(words.split(rest, escape)[0])
        rest = rest[len(flags[-1]) :].lstrip()
    return flags, rest


def _mode(instruction: Instruction, flags: list[str]) -> int | None:
    mode = None
    for flag in flags:
        name, _, value = flag.partition("=")
        if name != "--chmod":
            hints = {
                "--from": "COPY files of the build context",
                "--chown": "leave it out: every user may read the files",
            }
            why = f"{instruction.word} {name} is not supported"
            raise DockerfileError(instruction.line, why, hint=hints.get(name, "leave it out"))
        try:
            mode = int(value, 8)
        except ValueError as error:
            raise DockerfileError(
                instruction.line, f"invalid chmod parameter: '{value}'. it should be octal"
            ) from error
    return mode


def _local(instruction: Instruction, source: str) -> None:
    remote = source.partition("://")[0] in ("http", "https", "git", "ssh") or source.startswith("git@")
    if instruction.word == "ADD" and remote:
        why = f"ADD of {source} is not supported"
        raise DockerfileError(instruction.line, why, hint="download the file and COPY it")


def _command(instruction: Instruction) -> tuple[str, ...]:
    listed = _json_list(instruction.rest)
    return tuple(listed) if listed is not None else (*_SHELL, instruction.rest)


def _json_list(text: str) -> list[str] | None:
    """A JSON list of texts; None when it is anything else, which upstream takes for the shell's form."""
    if not text.startswith("["):
        return None
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
    return found if isinstance(found, list) and all(isinstance(each, str) for each in found) else None


def _is_port(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 5 and 0 < int(text) < 65536
