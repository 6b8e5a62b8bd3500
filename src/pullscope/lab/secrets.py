"""The lab's own secrets: passwords, tokens, the certificate authority. Made once, kept in its state directory.
What is damaged is named, never replaced behind the user's back: his kubeconfig holds the token and trusts the authority.

On crc the administrator's password is five-five-five-five letters and digits, none that look alike, and the developer's
is `developer`. Tokens have OpenShift's form, `sha256~…`.
"""

import json
import secrets
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from pullscope.apiserver.authentication import signatures
from pullscope.apiserver.oauth import tokens
from pullscope.base import files
from pullscope.base.errors import DamagedFileError
from pullscope.lab import certificates
from pullscope.lab.certificates import KeyPair

_LETTERS = "ABCDEFGHIJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789"

_DELETE = "`pullscope delete` removes the lab, `pullscope up` makes a new one"


@dataclass(frozen=True)
class Credentials:
    """Who may come in."""

    kubeadmin_password: str
    kubeadmin_token: str
    developer_token: str
    developer_password: str = "developer"  # noqa: S105 (crc's own, known to everyone)


@dataclass(frozen=True)
class Secrets:
    """Everything that must not be known. `signing_key` (PEM) signs the tokens of service accounts."""

    credentials: Credentials
    authority: KeyPair
    server: KeyPair
    signing_key: bytes


def password() -> str:
    """A password as crc generates it: `ABcde-fGhij-kLmno-pQrst`."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(5)) for _ in range(4))


def load_or_create(root: Path, now: datetime) -> Secrets:
    """The secrets in `root`; what is missing is made, a server certificate that runs out or is damaged is issued anew.

    Raises DamagedFileError for the others.
    """
    credentials = _credentials(root / "credentials.json")
    authority, server = certified(root, certificates.SERVER_NAMES, now)
    return Secrets(credentials, authority, server, _signing_key(root / "service-account.key"))


def certified(root: Path, names: tuple[str, ...], now: datetime) -> tuple[KeyPair, KeyPair]:
    """The authority in `root`, and a certificate of it for a server of these names, made or issued anew where needed.

    Both are files there: `authority.crt`, `server.crt`, `server.key`. Raises DamagedFileError for the authority.
    """
    authority = _load(root, "authority") or _store(root, "authority", certificates.create_authority("pullscope", now))
    if not certificates.is_pair(authority):
        why = "certificate and key cannot be read, or do not belong together"
        raise DamagedFileError(root / "authority.crt", why, hint=_DELETE)
    server = _load(root, "server")
    if server is None or not certificates.is_usable(server, names, now):
        server = _store(root, "server", certificates.issue_server(authority, names, now))
    return authority, server


def _signing_key(path: Path) -> bytes:
    if not path.exists():
        files.write_atomic(path, signatures.new_key(), mode=0o600)
    key = path.read_bytes()
    try:
        signatures.Signer(key)
    except signatures.BadKeyError as error:
        raise DamagedFileError(path, error, hint=_DELETE) from error
    return key


def _credentials(path: Path) -> Credentials:
    if path.exists():
        try:
            return Credentials(**json.loads(path.read_bytes()))
        except (ValueError, TypeError) as error:
            raise DamagedFileError(path, error, hint=_DELETE) from error
    made = Credentials(password(), tokens.new(), tokens.new())
    files.write_atomic(path, json.dumps(asdict(made)).encode(), mode=0o600)
    return made


def _load(root: Path, name: str) -> KeyPair | None:
    certificate, key = root / f"{name}.crt", root / f"{name}.key"
    if not (certificate.exists() and key.exists()):
        return None
    return KeyPair(certificate.read_bytes(), key.read_bytes())


def _store(root: Path, name: str, pair: KeyPair) -> KeyPair:
    """Write both halves, the certificate last: a pair that is half written is made again."""
    (root / f"{name}.crt").unlink(missing_ok=True)
    files.write_atomic(root / f"{name}.key", pair.key, mode=0o600)
    files.write_atomic(root / f"{name}.crt", pair.certificate, mode=0o600)
    return pair
