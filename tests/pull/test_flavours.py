"""The runtimes' sentences, against what CRI-O 1.37 and containerd 1.6 said on a real node."""

import typing

import pytest

from pullscope.oci import reference
from pullscope.oci.digest import Digest
from pullscope.pull import failures, flavours, sentences
from pullscope.pull.failures import PullFailure
from pullscope.pull.sentences import Attempt

IMAGE = reference.literal("127.0.0.1:5001/m/app:v1")
SHORT = reference.literal("nosuchshortname:v1")
A, B = Digest.of(b"a"), Digest.of(b"b")


def cri_o_twice(tail: str) -> str:
    return (
        f"unable to pull image or OCI artifact: pull image err: initializing source docker://{IMAGE}: {tail}; "
        f"artifact err: image reference: get manifest from ref: create image source: {tail}"
    )


READING = "reading manifest v1 in 127.0.0.1:5001/m/app: "

CRI_O_RECORDED: list[tuple[PullFailure, str]] = [
    (failures.ManifestUnknown(), cri_o_twice(READING + "manifest unknown")),
    (failures.NameUnknown(), cri_o_twice(READING + "name unknown")),
    (failures.AuthenticationRequired(), cri_o_twice(READING + "authentication required")),
    (failures.AccessDenied(), cri_o_twice(READING + "requested access to the resource is denied")),
    (failures.Denied(), cri_o_twice(READING + "denied")),
    (
        failures.TokenRefused(),
        cri_o_twice("unable to retrieve auth token: invalid username/password: unauthorized"),
    ),
    (
        failures.UnexpectedStatus(500),
        cri_o_twice(READING + "received unexpected HTTP status: 500 Internal Server Error"),
    ),
    (
        failures.UnexpectedStatus(503),
        cri_o_twice(READING + "received unexpected HTTP status: 503 Service Unavailable"),
    ),
]


@pytest.mark.parametrize(("failure", "message"), CRI_O_RECORDED)
def test_cri_o_as_recorded(failure: PullFailure, message: str) -> None:
    assert flavours.sentence("cri-o", IMAGE, failure, scheme="http") == sentences.Sentence(message)


@pytest.mark.parametrize(
    ("failure", "tail"),
    [
        (failures.AuthenticationRequired("authentication required"), "authentication required"),
        (failures.AuthenticationRequired("access is not authorized"), "unauthorized: access is not authorized"),
        (failures.Denied("requested access to the resource is denied"), "denied"),
        (failures.Denied("no access to this project"), "denied: no access to this project"),
        (
            failures.ManifestUnknown("manifest tagged by v1 is not found"),
            "manifest unknown: manifest tagged by v1 is not found",
        ),
        (
            failures.TooManyRequests("You have reached your pull rate limit"),
            "toomanyrequests: You have reached your pull rate limit",
        ),
    ],
)
def test_cri_o_tells_what_is_not_the_usual_message_of_a_code(failure: PullFailure, tail: str) -> None:
    assert flavours.sentence("cri-o", IMAGE, failure, scheme="http") == sentences.Sentence(cri_o_twice(READING + tail))


IS_AN_IMAGE = "artifact err: image reference: reference is a container image, not an OCI artifact"


@pytest.mark.parametrize(
    ("failure", "why"),
    [
        (
            failures.NoMatchingPlatform("linux", "s390x"),
            (
                f"choosing an image from manifest list docker://{IMAGE}: no image found in image index for "
                'architecture "s390x", variant "", OS "linux"'
            ),
        ),
        (
            failures.WrongBlobDigest(A, B),
            (
                "copying system image from manifest list: writing blob: happened during read: "
                f"Digest did not match, expected {A}, got {B}"
            ),
        ),
        (
            failures.WrongManifestDigest(A, B),
            (
                f"determining manifest MIME type for docker://{IMAGE}: "
                f"Manifest does not match provided manifest digest {A}"
            ),
        ),
    ],
)
def test_cri_o_of_an_image_that_could_not_be_copied(failure: PullFailure, why: str) -> None:
    """What others have reported of CRI-O and podman (the library is the same); nothing of it was recorded here."""
    said = flavours.sentence("cri-o", IMAGE, failure)
    assert said == sentences.Sentence(f"unable to pull image or OCI artifact: pull image err: {why}; {IS_AN_IMAGE}")


@pytest.mark.parametrize(
    ("failure", "cri_o", "containerd"),
    [
        (
            failures.TokenRefused(401, anonymous=False),
            "unable to retrieve auth token: invalid username/password: unauthorized",
            "failed to fetch oauth token: unexpected status: 401 Unauthorized",
        ),
        (
            failures.TokenRefused(403),
            "Requesting bearer token: received unexpected HTTP status: 403 Forbidden",
            "failed to fetch anonymous token: unexpected status: 403 Forbidden",
        ),
        (
            failures.TokenRefused(429),
            "too many requests to registry",
            "failed to fetch anonymous token: unexpected status: 429 Too Many Requests",
        ),
    ],
)
def test_a_token_service_that_gives_none(failure: PullFailure, cri_o: str, containerd: str) -> None:
    assert flavours.sentence("cri-o", IMAGE, failure) == sentences.Sentence(cri_o_twice(cri_o))
    resolve = f'failed to pull and unpack image "{IMAGE}": failed to resolve reference "{IMAGE}": '
    said = sentences.Sentence(f"{resolve}failed to authorize: {containerd}")
    assert flavours.sentence("containerd", IMAGE, failure) == said


def test_cri_o_names_a_refused_connection() -> None:
    said = flavours.sentence("cri-o", IMAGE, failures.ConnectionRefused("127.0.0.1:5001"), scheme="http")
    assert said == sentences.Sentence(
        "RegistryUnavailable: unable to pull image: initializing source docker://127.0.0.1:5001/m/app:v1: "
        'pinging container registry 127.0.0.1:5001: Get "http://127.0.0.1:5001/v2/": '
        "dial tcp 127.0.0.1:5001: connect: connection refused",
        reason="RegistryUnavailable",
    )


def test_cri_o_names_the_source_that_is_blocked() -> None:
    why = "registry 127.0.0.1:5001/m is blocked in /etc/containers/registries.conf or /etc/containers/registries.conf.d"
    said = flavours.sentence("cri-o", IMAGE, failures.Blocked("127.0.0.1:5001/m"))
    assert said == sentences.Sentence(cri_o_twice(why))


def test_cri_o_tells_of_mirrors_first() -> None:
    tried = [
        Attempt(reference.parse("m.test/app:v1"), failures.ManifestUnknown(), "https"),
        Attempt(reference.parse("n.test/app:v1"), failures.ConnectionRefused("n.test:443"), "http"),
        Attempt(reference.parse("o.test/app:v1"), failures.NoSpace(), "https"),
    ]
    mirrors = (
        "(Mirrors also failed: [m.test/app:v1: reading manifest v1 in m.test/app: manifest unknown]\n"
        '[n.test/app:v1: pinging container registry n.test: Get "http://n.test/v2/": '
        "dial tcp n.test:443: connect: connection refused]\n"
        "[o.test/app:v1: copying system image from manifest list: writing blob: no space left on device]): 127.0.0.1:5001/m/app:v1: "
    )
    said = flavours.sentence("cri-o", IMAGE, failures.Denied(), mirrors=tried)
    assert said == sentences.Sentence(cri_o_twice(f"{mirrors}{READING}denied"))
    containerd = flavours.sentence("containerd", IMAGE, failures.Denied(), mirrors=tried)
    assert containerd == flavours.sentence("containerd", IMAGE, failures.Denied())


def test_cri_o_says_short_names_shortly() -> None:
    said = flavours.sentence("cri-o", SHORT, failures.NoSuchHost("registry-1.docker.io"))
    assert said == sentences.Sentence(
        "unable to pull image: initializing source docker://nosuchshortname:v1: pinging container registry "
        'registry-1.docker.io: Get "https://registry-1.docker.io/v2/": dial tcp: lookup registry-1.docker.io: '
        "no such host"
    )


CONTAINERD_RECORDED: list[tuple[PullFailure, str, str]] = [
    (failures.ManifestUnknown(), "NotFound", "127.0.0.1:5001/m/app:v1: not found"),
    (
        failures.ConnectionRefused("127.0.0.1:5001"),
        "Unknown",
        (
            'failed to do request: Head "http://127.0.0.1:5001/v2/m/app/manifests/v1": '
            "dial tcp 127.0.0.1:5001: connect: connection refused"
        ),
    ),
    (
        failures.AuthenticationRequired(),
        "Unknown",
        "pulling from host 127.0.0.1:5001 failed with status code [manifests v1]: 401 Unauthorized",
    ),
]


@pytest.mark.parametrize(("failure", "code", "tail"), CONTAINERD_RECORDED)
def test_containerd_as_recorded(failure: PullFailure, code: str, tail: str) -> None:
    failed = f'failed to pull and unpack image "{IMAGE}": failed to resolve reference "{IMAGE}": '
    assert flavours.sentence("containerd", IMAGE, failure, scheme="http") == sentences.Sentence(failed + tail, code)


EXAMPLES: list[PullFailure] = [
    failures.ManifestUnknown(),
    failures.NameUnknown(),
    failures.AuthenticationRequired(),
    failures.AccessDenied(),
    failures.Denied(),
    failures.TokenRefused(),
    failures.UnexpectedStatus(599),
    failures.TooManyRequests(),
    failures.ConnectionRefused("h:1"),
    failures.NoSuchHost("h"),
    failures.TimedOut("h:1"),
    failures.TlsFailed("x509: certificate signed by unknown authority"),
    failures.ConnectionLost(),
    failures.WrongManifestDigest(A, B),
    failures.WrongBlobDigest(A, B),
    failures.BlobUnknown(A),
    failures.NoMatchingPlatform("linux", "arm64"),
    failures.Unusable("layer 1: path leads out of the image"),
    failures.NoSpace(),
    failures.Blocked("h/a"),
]


@pytest.mark.parametrize(
    ("failure", "code", "why"),
    [
        (
            failures.WrongBlobDigest(A, B),
            "FailedPrecondition",
            f'failed commit on ref "layer-{A}": unexpected commit digest {B}, expected {A}: failed precondition',
        ),
        (
            failures.WrongManifestDigest(A, B),
            "FailedPrecondition",
            f'failed commit on ref "index-{A}": unexpected commit digest {B}, expected {A}: failed precondition',
        ),
        (
            failures.BlobUnknown(A),
            "NotFound",
            (
                f"failed to copy: httpReadSeeker: failed open: could not fetch content descriptor {A} "
                "(application/vnd.oci.image.layer.v1.tar+gzip) from remote: not found"
            ),
        ),
        (failures.NoMatchingPlatform("linux", "arm64"), "NotFound", "no match for platform in manifest: not found"),
    ],
)
def test_containerd_of_an_image_that_could_not_be_copied(failure: PullFailure, code: str, why: str) -> None:
    """What others have reported of containerd, with the codes of its errors, which kubelets show."""
    said = flavours.sentence("containerd", IMAGE, failure)
    assert said == sentences.Sentence(f'failed to pull and unpack image "{IMAGE}": {why}', code=code)


def test_the_examples_cover_the_union() -> None:
    assert {type(example) for example in EXAMPLES} == set(typing.get_args(PullFailure))


@pytest.mark.parametrize("flavour", typing.get_args(flavours.Flavour))
def test_every_failure_has_its_own_sentence(flavour: flavours.Flavour) -> None:
    said = [flavours.sentence(flavour, IMAGE, failure).message for failure in EXAMPLES]
    same = 1 if flavour == "containerd" else 0  # containerd does not tell an unknown repository from an unknown tag
    assert len(set(said)) == len(said) - same


@pytest.mark.parametrize("failure", EXAMPLES)
def test_a_reason_is_the_messages_prefix(failure: PullFailure) -> None:
    said = flavours.sentence("cri-o", IMAGE, failure)
    assert said.reason is None or said.message.startswith(f"{said.reason}: ")


@pytest.mark.parametrize(
    ("image", "short"),
    [
        ("busybox:1", "busybox:1"),
        ("user/app:1", "user/app:1"),
        ("docker.io/library/deep/app:1", "library/deep/app:1"),
        ("quay.io/library/app:1", "quay.io/library/app:1"),
    ],
)
def test_familiar_names(image: str, short: str) -> None:
    assert sentences.familiar(reference.parse(image)) == short
