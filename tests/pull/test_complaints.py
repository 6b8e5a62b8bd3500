"""Which cause a runtime's sentence tells: recorded sentences, and those of wrong reasons."""

import json
from pathlib import Path

import pytest

from pullscope.pull.complaints import Cause, cause_of

CELLS = Path(__file__).parents[1] / "data" / "cells"
REF = "host:5001/m/app:v1"
NAME = "host:5001/m/app"
CRIO = f"unable to pull image or OCI artifact: pull image err: initializing source docker://{REF}: "
CONTAINERD = f'failed to pull and unpack image "{REF}": '


@pytest.mark.parametrize(
    ("sentence", "cause"),
    [
        (f"{CRIO}reading manifest v1 in {NAME}: manifest unknown", Cause.MISSING),
        (f"{CRIO}reading manifest v1 in {NAME}: name unknown", Cause.MISSING),
        (
            f'Back-off pulling image "{REF}": ErrImagePull: {CRIO}reading manifest v1 in {NAME}: manifest unknown',
            Cause.MISSING,
        ),
        (
            f'rpc error: code = NotFound desc = {CONTAINERD}failed to resolve reference "{REF}": {REF}: not found',
            Cause.MISSING,
        ),
        (
            f"Error response from daemon: manifest for {REF} not found: manifest unknown: manifest unknown",
            Cause.MISSING,
        ),
        (f"{CRIO}registry host:5001/m is blocked in /etc/containers/registries.conf", Cause.UNREACHABLE),
        (f"{CRIO}reading manifest v2 in {NAME}: manifest unknown", Cause.OTHER_TAG),
        (f"{CRIO}reading manifest v1 in host:5001/m/ap: manifest unknown", Cause.OTHER_TAG),
        (f"{CRIO}reading manifest v1 in {NAME}x: manifest unknown", Cause.OTHER_TAG),
        (f'{CONTAINERD}failed to resolve reference "{REF}1": {REF}1: not found', Cause.OTHER_TAG),
        (f"{CRIO}reading manifest v1 in {NAME}: authentication required", Cause.CREDENTIALS),
        (f"{CRIO}reading manifest v1 in {NAME}: requested access to the resource is denied", Cause.CREDENTIALS),
        (f"{CRIO}reading manifest v1 in {NAME}: denied", Cause.CREDENTIALS),
        (f"{CRIO}unable to retrieve auth token: invalid username/password: unauthorized", Cause.CREDENTIALS),
        (
            f"{CONTAINERD}pulling from host host:5001 failed with status code [manifests v1]: 401 Unauthorized",
            Cause.CREDENTIALS,
        ),
        (
            (
                f"image pull failed for {REF} because the registry is unavailable: unable to pull image: initializing source "
                f'docker://{REF}: pinging container registry host:5001: Get "http://host:5001/v2/": dial tcp: connect: '
                "connection refused"
            ),
            Cause.UNREACHABLE,
        ),
        (f"{CRIO}dial tcp: lookup host: no such host", Cause.UNREACHABLE),
        (f"{CRIO}dial tcp 10.0.0.1:5001: i/o timeout", Cause.UNREACHABLE),
        (f"{CRIO}writing blob: happened during read: unexpected EOF", Cause.UNREACHABLE),
        (
            (
                f"{CRIO}writing blob: happened during read: (heuristic tuning data: total 500 @429.403 ms, last retry 404 @401.900 ms, "
                "last progress @ 503.900 ms): unexpected EOF"
            ),
            Cause.UNREACHABLE,
        ),
        (
            (
                f'{CRIO}pinging container registry host:5001: Get "https://host:5001/v2/": tls: failed to verify certificate: '
                "x509: certificate signed by unknown authority"
            ),
            Cause.TLS,
        ),
        (f"{CONTAINERD}http: server gave HTTP response to HTTPS client", Cause.TLS),
        (
            f"{CRIO}reading manifest v1 in {NAME}: received unexpected HTTP status: 503 Service Unavailable",
            Cause.BROKEN,
        ),
        (f"{CRIO}reading manifest v1 in {NAME}: toomanyrequests: rate exceeded", Cause.LIMITED),
        (f"{CONTAINERD}no match for platform in manifest: not found", Cause.PLATFORM),
        (f"{CRIO}no image found in image index for architecture arm64", Cause.PLATFORM),
        (
            (
                f"{CRIO}reading manifest sha256:{'a' * 64} in {NAME}: Manifest does not match provided manifest digest "
                f"sha256:{'a' * 64}"
            ),
            Cause.CONTENT,
        ),
        (f"{CONTAINERD}unexpected commit digest sha256:b, expected sha256:a: failed precondition", Cause.CONTENT),
        ('couldn\'t parse image name "UPPER": invalid reference format', Cause.NAME),
        (
            (
                f"{CRIO}(Mirrors also failed: [m.test/a:v1: reading manifest v1 in m.test/a: authentication required]\n"
                f"[n.test/a:v1: x]): {REF}: reading manifest v1 in {NAME}: manifest unknown"
            ),
            Cause.MISSING,
        ),
        (
            (
                f"{CRIO}(Mirrors also failed: [m.test/a:v1: reading manifest v1 in m.test/a: manifest unknown]): "
                f"{REF}: pinging container registry h: dial tcp h:443: connect: connection refused"
            ),
            Cause.UNREACHABLE,
        ),
        ("something else", Cause.UNKNOWN),
        ("", Cause.UNKNOWN),
    ],
)
def test_the_cause(sentence: str, cause: Cause) -> None:
    assert cause_of(sentence, REF) is cause


RECORDED = {
    f"{path.parent.name}-{path.stem}": json.loads(path.read_text(encoding="utf-8"))
    for path in sorted(CELLS.glob("*/*.json"))
}
EXPECTED = {
    "404": Cause.MISSING,
    "404 NAME_UNKNOWN": Cause.MISSING,
    "down": Cause.UNREACHABLE,
    "no such host": Cause.UNREACHABLE,
    "401": Cause.CREDENTIALS,
    "401 token": Cause.CREDENTIALS,
    "401 bearer": Cause.CREDENTIALS,
}


@pytest.mark.parametrize("name", [name for name, each in RECORDED.items() if "policy" in each])
def test_recorded_cells(name: str) -> None:
    """Every waiting message that a real node gave for a failed pull, against the state its registry was in."""
    cell = RECORDED[name]
    image = cell["image"].replace("REGISTRY", "registry.test:5000").replace("CELL", "cell")
    for pod in cell["pods"]:
        waiting = ((pod["container"] or {}).get("state") or {}).get("waiting") or {}
        if waiting.get("reason") in ("ErrImagePull", "ImagePullBackOff", "RegistryUnavailable"):
            message = waiting["message"].replace("REGISTRY", "registry.test:5000").replace("CELL", "cell")
            assert cause_of(message, image) is EXPECTED[cell["registry"]]
