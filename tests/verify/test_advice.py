"""One line for each way in which a node cannot pull: what to add where."""

import pytest

from pullscope.pull import complaints
from pullscope.verify import advice

IMAGE = "reg.example.com:5000/a/b:t"
CRIO = f"unable to pull image or OCI artifact: pull image err: initializing source docker://{IMAGE}: "


@pytest.mark.parametrize(
    ("sentence", "words"),
    [
        (
            'Get "https://reg.example.com:5000/v2/": http: server gave HTTP response to HTTPS client',
            ("insecure = true", "hosts.toml", "insecureRegistries"),
        ),
        (
            "tls: failed to verify certificate: x509: certificate signed by unknown authority",
            ("ca.crt", "additionalTrustedCA"),
        ),
        ("reading manifest t in reg.example.com:5000/a/b: authentication required", ("pull secret", "podman login")),
        ("dial tcp: lookup reg.example.com: no such host", ("resolve its name",)),
        ("dial tcp 10.0.0.1:5000: i/o timeout", ("firewalls",)),
        ("toomanyrequests: rate exceeded", ("limits",)),
        ("reading manifest t in reg.example.com:5000/a/b: manifest unknown", ("mirror",)),
    ],
)
def test_the_mend_fits_the_complaint(sentence: str, words: tuple[str, ...]) -> None:
    cause = complaints.cause_of(CRIO + sentence, IMAGE)
    told = advice.mend(cause, CRIO + sentence, "reg.example.com:5000")
    assert all(word in told for word in words), (cause, told)
    assert "\n" not in told
    assert "{" not in told


def test_every_cause_of_a_failed_pull_has_one() -> None:
    silent = {cause for cause in complaints.Cause if not advice.mend(cause, "x509:", "r")}
    assert silent <= {complaints.Cause.NAME, complaints.Cause.UNKNOWN}
