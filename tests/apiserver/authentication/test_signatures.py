"""JSON web tokens: what one key signed, it knows again; nothing else passes."""

import base64

import orjson
import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa, utils
from hypothesis import given
from hypothesis import strategies as st

from pullscope.apiserver.authentication import signatures
from pullscope.apiserver.authentication.signatures import BadKeyError, BadTokenError, Signer

KEY = signatures.new_key()
SIGNER = Signer(KEY)
CLAIMS = {"iss": "me", "sub": "äöü", "n": 7}
TOKEN = SIGNER.sign(CLAIMS)


def encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def padded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def test_what_is_signed_is_known_again() -> None:
    assert SIGNER.verify(TOKEN) == Signer(KEY).verify(TOKEN) == CLAIMS
    assert signatures.claims_of(TOKEN) == CLAIMS


def test_others_can_verify_it_with_the_key_set() -> None:
    """As RFC 7518, section 3.4 says, with nothing of ours."""
    (key,) = SIGNER.key_set()["keys"]
    assert (key["kty"], key["crv"], key["alg"], key["use"]) == ("EC", "P-256", "ES256", "sig")
    x, y = (int.from_bytes(padded(key[part]), "big") for part in ("x", "y"))
    public = ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()
    content, _, signature = TOKEN.rpartition(".")
    raw = padded(signature)
    der = utils.encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    public.verify(der, content.encode(), ec.ECDSA(hashes.SHA256()))
    assert orjson.loads(padded(TOKEN.split(".")[0])) == {"alg": "ES256", "kid": key["kid"]}


@given(st.integers(0, len(TOKEN) - 1), st.sampled_from("ABCxyz019-_.=ä "))
def test_a_token_with_another_letter_is_refused(place: int, letter: str) -> None:
    other = TOKEN[:place] + letter + TOKEN[place + 1 :]
    try:
        assert SIGNER.verify(other) == CLAIMS
    except BadTokenError:
        return
    # The last letter of a part has bits that say nothing.
    assert [padded(part) for part in other.split(".")] == [padded(part) for part in TOKEN.split(".")]


@given(st.text(max_size=40) | st.lists(st.binary(max_size=12).map(encoded), max_size=4).map(".".join))
def test_nonsense_is_refused(text: str) -> None:
    with pytest.raises(BadTokenError):
        SIGNER.verify(text)
    signatures.claims_of(text)


@pytest.mark.parametrize(
    "header",
    [{"alg": "none"}, {"alg": "HS256"}, {"alg": "RS256"}, {"alg": "ES256", "kid": "other"}, {"alg": ["ES256"]}, [], 7],
)
def test_no_header_talks_its_way_in(header: object) -> None:
    if isinstance(header, dict):
        header.setdefault("kid", SIGNER.key_id)
    _, body, signature = TOKEN.split(".")
    for last in (signature, "", encoded(b"\0" * 64)):
        with pytest.raises(BadTokenError):
            SIGNER.verify(f"{encoded(orjson.dumps(header))}.{body}.{last}")


def test_another_key_is_another_server() -> None:
    other = Signer(signatures.new_key())
    assert other.key_id != SIGNER.key_id
    with pytest.raises(BadTokenError, match="no keys found"):
        other.verify(TOKEN)


def test_keys_of_other_kinds_are_refused() -> None:
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    for key in (rsa.generate_private_key(65537, 1024), ec.generate_private_key(ec.SECP384R1())):
        with pytest.raises(BadKeyError):
            Signer(key.private_bytes(*form))
    with pytest.raises(BadKeyError):
        Signer(b"nonsense")
