"""JSON web tokens in compact form, signed with ECDSA on P-256 (ES256): RFC 7515, 7517, 7518, 7519.

Knows of bytes and claims alone; what claims mean is `account_tokens`' business. Upstream: kubernetes v1.36
pkg/serviceaccount/jwt.go and openidmetadata.go (key ids, key sets).
"""

import base64
import binascii
import functools
import hashlib
from typing import Any

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, utils

Claims = dict[str, Any]

ALGORITHM = "ES256"
_SIZE = 32  # bytes of a coordinate, and of each half of a signature
_HASH = ec.ECDSA(hashes.SHA256())


class BadTokenError(Exception):
    """A token that cannot be read, or that was not signed with this key. The message is upstream's."""


class BadKeyError(ValueError):
    """What should be a private key on P-256 is none."""


def new_key() -> bytes:
    """A new private key, PEM."""
    return ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


class Signer:
    """Signs claims with one key, and tells its own tokens from others."""

    def __init__(self, key: bytes) -> None:
        """`key` is PEM. Raises BadKeyError."""
        try:
            loaded = serialization.load_pem_private_key(key, password=None)
        except (ValueError, TypeError) as error:
            raise BadKeyError(str(error)) from error
        if not isinstance(loaded, ec.EllipticCurvePrivateKey) or not isinstance(loaded.curve, ec.SECP256R1):
            raise BadKeyError("not a key on the curve P-256")
        self._key = loaded
        self._public = loaded.public_key()

    @functools.cached_property
    def key_id(self) -> str:
        """Names the key without giving it away."""
        encoding, form = serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        return _encoded(hashlib.sha256(self._public.public_bytes(encoding, form)).digest())

    def key_set(self) -> Claims:
        """The public key, for those who verify tokens themselves (RFC 7517)."""
        numbers = self._public.public_numbers()
        point = {"x": _encoded(_number(numbers.x)), "y": _encoded(_number(numbers.y))}
        key = {"use": "sig", "kty": "EC", "kid": self.key_id, "crv": "P-256", "alg": ALGORITHM, **point}
        return {"keys": [key]}

    def sign(self, claims: Claims) -> str:
        """The claims as a token."""
        header = orjson.dumps({"alg": ALGORITHM, "kid": self.key_id})
        content = f"{_encoded(header)}.{_encoded(orjson.dumps(claims))}"
        r, s = utils.decode_dss_signature(self._key.sign(content.encode(), _HASH))
        return f"{content}.{_encoded(_number(r) + _number(s))}"

    def verify(self, token: str) -> Claims:
        """The claims of a token of this key. Raises BadTokenError."""
        content, _, signature = token.rpartition(".")
        head, _, body = content.partition(".")
        header, claims, raw = _object(head), _object(body), _decoded(signature)
        if header.get("alg") != ALGORITHM or header.get("kid") != self.key_id:
            raise BadTokenError("invalid signature, no keys found")
        if len(raw) != 2 * _SIZE:
            raise BadTokenError("square/go-jose: error in cryptographic primitive")
        r, s = int.from_bytes(raw[:_SIZE], "big"), int.from_bytes(raw[_SIZE:], "big")
        try:
            self._public.verify(utils.encode_dss_signature(r, s), content.encode(), _HASH)
        except InvalidSignature:
            raise BadTokenError("square/go-jose: error in cryptographic primitive") from None
        return claims


def claims_of(token: str) -> Claims | None:
    """What a token claims, not verified; None when it is no token of this form."""
    parts = token.split(".")
    try:
        return _object(parts[1]) if len(parts) == 3 else None
    except BadTokenError:
        return None


def _number(value: int) -> bytes:
    return value.to_bytes(_SIZE, "big")


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise BadTokenError("illegal base64 data") from None


def _object(text: str) -> Claims:
    try:
        value = orjson.loads(_decoded(text))
    except orjson.JSONDecodeError:
        raise BadTokenError("not a JSON web token") from None
    if not isinstance(value, dict):
        raise BadTokenError("not a JSON web token")
    return value
