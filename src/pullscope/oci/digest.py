"""Digests: `algorithm:hex`, as the OCI image spec v1.1 (descriptor.md#digests) writes them."""

import hashlib
import re
from dataclasses import dataclass
from typing import Self

# The registered algorithms and the length of their hex text. blake3 is registered too; no registry of note uses it.
ALGORITHMS = {"sha256": 64, "sha512": 128}

_GRAMMAR = re.compile(r"[a-z0-9]+(?:[.+_-][a-z0-9]+)*:[A-Za-z0-9=_-]+")
_HEX = re.compile(r"[a-f0-9]+")


class DigestError(ValueError):
    """The text is not a digest, or its algorithm is not one that Pullscope verifies."""


@dataclass(frozen=True, order=True)
class Digest:
    """A verified-by-construction digest: the algorithm is known and the hex has its length."""

    algorithm: str
    hex: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parse `sha256:…`. Raises DigestError, whose text says which part is wrong."""
        if not _GRAMMAR.fullmatch(text):
            raise DigestError("invalid checksum digest format")
        algorithm, _, encoded = text.partition(":")
        length = ALGORITHMS.get(algorithm)
        if length is None:
            raise DigestError("unsupported digest algorithm")
        if len(encoded) != length:
            raise DigestError("invalid checksum digest length")
        if not _HEX.fullmatch(encoded):
            raise DigestError("invalid checksum digest format")
        return cls(algorithm, encoded)

    @classmethod
    def of(cls, data: bytes, *, algorithm: str = "sha256") -> Self:
        """The digest of `data`."""
        return cls(algorithm, hashlib.new(algorithm, data).hexdigest())

    @property
    def short(self) -> str:
        """The first 12 hex digits, as `crictl` and `docker` show them."""
        return self.hex[:12]

    def __str__(self) -> str:
        return f"{self.algorithm}:{self.hex}"
