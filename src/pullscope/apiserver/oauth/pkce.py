"""Proof Key for Code Exchange (RFC 7636): who redeems a code shows the secret whose hash came with the request for it."""

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass

PLAIN, S256 = "plain", "S256"
METHODS = (PLAIN, S256)
_FORM = re.compile(r"[a-zA-Z0-9~._-]{43,128}")


@dataclass(frozen=True)
class Challenge:
    """What came with the request for a code."""

    value: str
    method: str = PLAIN

    def is_met_by(self, verifier: str) -> bool:
        """Whether this is the secret, compared in constant time."""
        shown = verifier if self.method == PLAIN else s256(verifier)
        return hmac.compare_digest(shown.encode(), self.value.encode())


def is_well_formed(text: str) -> bool:
    """Whether the text may be a challenge or a verifier."""
    return _FORM.fullmatch(text) is not None


def s256(verifier: str) -> str:
    """The challenge of a verifier by the method S256."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
