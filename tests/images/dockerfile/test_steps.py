"""What Dockerfiles ask for, and what is refused in them."""

import pytest

from pullscope.images.dockerfile import lines, steps
from pullscope.images.dockerfile.lines import DockerfileError
from pullscope.images.dockerfile.steps import Copy, Outcome


def outcome(text: str, *, working_dir: str = "/", **arguments: str) -> Outcome:
    return steps.outcome(lines.read(text), arguments, {"PATH": "/bin"}, working_dir)


def base(text: str, **arguments: str) -> str:
    return steps.base(lines.read(text), arguments)


def test_a_whole_file() -> None:
    made = outcome(
        """# a comment
ARG VERSION=7
FROM eap:${VERSION} AS one
ENV HOME=/opt/app GREETING="hello $PATH"
ARG NAME=app
WORKDIR $HOME
# between
COPY --chmod=755 target/*.war \\
     # inside a continued line
     other.war deployments/
COPY ["with space.txt", "/etc/x"]
LABEL a=b "c d"='e f'
EXPOSE 8080 8443/tcp 53/udp
USER 185
ENTRYPOINT ["/probe"]
CMD run $NAME
"""
    )
    assert made.env == {"PATH": "/bin", "HOME": "/opt/app", "GREETING": "hello /bin"}
    assert made.working_dir == "/opt/app"
    assert made.copies == [
        Copy(8, ("target/*.war", "other.war"), "/opt/app/deployments/", 0o755),
        Copy(11, ("with space.txt",), "/etc/x"),
    ]
    assert made.labels == {"a": "b", "c d": "e f"}
    assert list(made.ports) == ["8080/tcp", "8443/tcp", "53/udp"]
    assert (made.user, made.entrypoint, made.cmd) == ("185", ("/probe",), ("/bin/sh", "-c", "run $NAME"))


def test_the_base_may_be_an_argument() -> None:
    text = "ARG TAG=7\nARG IMAGE=eap:$TAG\nFROM --platform\\=x\n"
    assert base("ARG TAG=7\nFROM eap:${TAG}") == "eap:7"
    assert base("ARG TAG=7\nFROM eap:${TAG}", TAG="8") == "eap:8"
    assert base("ARG A=x\nARG B=$A:1\nFROM $B") == "x:1"
    with pytest.raises(DockerfileError, match=r"Dockerfile:3: FROM --platform.* is not supported"):
        base(text)


def test_arguments_before_from_count_after_it_where_they_are_declared_again() -> None:
    text = "ARG V=1\nFROM x\nENV A=$V\nARG V\nENV B=$V\nARG V=2\nENV C=$V\n"
    assert {key: value for key, value in outcome(text).env.items() if key in "ABC"} == {"A": "", "B": "1", "C": "2"}
    assert outcome(text, V="3").env["C"] == "3"


def test_an_entrypoint_takes_the_base_images_cmd_along() -> None:
    assert outcome('FROM x\nENTRYPOINT ["a"]').cmd == ()
    assert outcome('FROM x\nENTRYPOINT ["a"]\nCMD ["b"]').cmd == ("b",)
    assert outcome('FROM x\nCMD ["b"]\nENTRYPOINT ["a"]').cmd == ("b",)
    assert outcome("FROM x").cmd is None


@pytest.mark.parametrize(
    ("copy", "target"),
    [
        ("a b/", "/w/b/"),
        ("a b", "/w/b"),
        ("a .", "/w/"),
        ("a ./", "/w/"),
        ("a /", "/"),
        ("a /x/../y", "/y"),
        ("a ../../../etc/x", "/etc/x"),
    ],
)
def test_targets_are_absolute(copy: str, target: str) -> None:
    assert outcome(f"FROM x\nWORKDIR w\nCOPY {copy}").copies[0].target == target


@pytest.mark.parametrize("text", ["FROM x\nRUN y", "FROM x\nFRO y", "FROM x\nFROM y"])
def test_what_no_base_could_mend_is_refused_before_the_base_is_pulled(text: str) -> None:
    with pytest.raises(DockerfileError, match="Dockerfile:2: "):
        base(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "Dockerfile:1: file with no instructions"),
        ("RUN x\nFROM y", "Dockerfile:1: no build stage in current context"),
        ("FROM x\n\nRUN make", "Dockerfile:3: RUN is not supported"),
        ("FROM x\nADD https://x.test/a /a", "Dockerfile:2: ADD of https://x.test/a is not supported"),
        ("FROM x\nFROM y", "Dockerfile:2: several stages are not supported"),
        ("FROM x\nCOPY --from=y a b", "Dockerfile:2: COPY --from is not supported"),
        ("FROM x\nCOPY --chown=1 a b", "Dockerfile:2: COPY --chown is not supported"),
        ("FROM x\nCOPY --chmod=abc a b", "Dockerfile:2: invalid chmod parameter: 'abc'"),
        ("FROM x\nCOPY a", "Dockerfile:2: COPY requires at least two arguments"),
        ("FROM x\nCOPY a b c", "Dockerfile:2: When using COPY with more than one source file"),
        ("FROM x\nCOPY <<EOF /a\nEOF", "Dockerfile:2: here-documents are not supported"),
        ("FROM x\nFRO y", "Dockerfile:2: unknown instruction: FRO"),
        ("FROM x\nENV A", "Dockerfile:2: ENV must have two arguments"),
        ("FROM x\nENV A=1 B", "Dockerfile:2: Syntax error - can't find = in B. Must be of the form: name=value"),
        ("FROM x\nENV A='1", "Dockerfile:2: failed to process"),
        ("FROM x\nENV A=${B", "Dockerfile:2: failed to process"),
        ("FROM x\nENV A=${B%x}", "unsupported modifier"),
        ("FROM x\nENV A=${B:?must}", "B: must"),
        ("FROM x\nEXPOSE 99999", "Dockerfile:2: invalid containerPort: 99999"),
        ("FROM x\nWORKDIR", "Dockerfile:2: WORKDIR requires at least one argument"),
        ("FROM $X", "Dockerfile:1: base name ($X) should not be blank"),
        ("FROM a b", "Dockerfile:1: FROM requires either one or three arguments"),
        ("# escape=x\nFROM y", "Dockerfile:1: invalid ESCAPE 'x'"),
    ],
)
def test_what_cannot_be_built_is_named_with_its_line(text: str, message: str) -> None:
    with pytest.raises(DockerfileError) as caught:
        _ = base(text), outcome(text)
    assert message in caught.value.message
