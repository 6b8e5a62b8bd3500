"""The compiled probe, one binary for each platform, as package data. `compiler` makes them."""

from pathlib import Path

PLATFORMS = ("linux-amd64", "linux-arm64", "wasi-wasm")
"""`os-architecture`, part of the binary's name."""


def path(platform: str) -> Path:
    """Where the probe for one of `PLATFORMS` is kept."""
    return Path(__file__).parent / f"probe-{platform}"
