"""The tokens of service accounts: what they claim, and whether it still holds.

Upstream: kubernetes v1.36 pkg/serviceaccount/claims.go and jwt.go (also the sentences), k8s.io/apiserver v0.36
pkg/authentication/serviceaccount/util.go.
"""

import functools
import uuid
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from pullscope.apiserver.authentication import signatures
from pullscope.apiserver.authentication.signatures import BadTokenError, Claims, Signer
from pullscope.apiserver.rbac import rules
from pullscope.apiserver.store import records
from pullscope.apiserver.store.store import Store
from pullscope.base.clock import Clock
from pullscope.kube import accounts, causes, meta, resources
from pullscope.kube.api import Object, UserInfo
from pullscope.kube.resources import Resource

ISSUER = "https://kubernetes.default.svc"
AUDIENCES = (ISSUER,)
KEYS = "/openid/v1/jwks"
_LEEWAY = timedelta(minutes=1)  # of clocks that differ, and of what is being deleted
_VERIFIED_MAX = 1024
_EXTRA = "authentication.kubernetes.io"
_INVALIDATED = "service account token has been invalidated"


@dataclass(frozen=True)
class Bound:
    """What a token lives and dies with, beside its account. The node of a pod is told, and may be gone (no uid)."""

    pod: Object | None = None
    secret: Object | None = None
    node: Object | None = None


@dataclass(frozen=True)
class Holder:
    """Whose token it is, and for which of the audiences that were asked about."""

    user: UserInfo
    audiences: tuple[str, ...]


class AccountTokens:
    """Issues and verifies. `key` is the PEM of the signing key; without one it is made at the first need, and forgotten."""

    def __init__(self, store: Store, clock: Clock, key: bytes | None) -> None:
        self._store = store
        self._clock = clock
        self._key = key
        # Verifying costs ten times what looking up costs; that the claims still hold is checked every time.
        self._verified: OrderedDict[bytes, Claims] = OrderedDict()

    @functools.cached_property
    def signer(self) -> Signer:
        return Signer(self._key or signatures.new_key())

    def issue(
        self, account: Object, audiences: Sequence[str], *, seconds: int, bound: Bound, warn_after: int | None = None
    ) -> str:
        """A token of `account` that is valid for so long; after `warn_after` seconds upstream's audit log would say so."""
        now, metadata = int(self._clock.now().timestamp()), account["metadata"]
        about: Claims = {"namespace": metadata["namespace"], "serviceaccount": _reference(account)}
        held = {"node": bound.node, "pod": bound.pod, "secret": bound.secret}
        about |= {kind: _reference(obj) for kind, obj in held.items() if obj is not None}
        if warn_after is not None:
            about["warnafter"] = now + warn_after
        claims = {
            "aud": list(audiences),
            "exp": now + seconds,
            "iat": now,
            "iss": ISSUER,
            "jti": str(uuid.uuid4()),
            "kubernetes.io": dict(sorted(about.items())),
            "nbf": now,
            "sub": accounts.username(metadata["namespace"], metadata["name"]),
        }
        return self.signer.sign(claims)

    def holder(self, token: str, audiences: Sequence[str]) -> Holder | None:
        """Who holds the token; None when it is none of a service account. Raises BadTokenError when it is not valid."""
        if (signatures.claims_of(token) or {}).get("iss") != ISSUER:
            return None
        claims = self._claims(token)
        given = _texts(claims.get("aud"))
        common = tuple(each for each in given if each in audiences)
        if not common:
            wanted = f"the target audiences {rules.quoted(audiences)}"
            raise BadTokenError(f"token audiences {rules.quoted(given)} is invalid for {wanted}")
        now = self._clock.now()
        _check_times(claims, now)
        return Holder(self._user(claims, now), common)

    def _claims(self, token: str) -> Claims:
        place = sha256(token.encode("utf-8", "surrogatepass")).digest()
        if (known := self._verified.get(place)) is not None:
            return known
        claims = self._verified[place] = self.signer.verify(token)
        if len(self._verified) > _VERIFIED_MAX:
            self._verified.popitem(last=False)
        return claims

    def _user(self, claims: Claims, now: datetime) -> UserInfo:
        """The account, as long as it and what its token is bound to are there. Raises BadTokenError."""
        about: Any = claims["kubernetes.io"]
        namespace, account = about["namespace"], about["serviceaccount"]
        self._check_account(namespace, account, now)
        extra: dict[str, tuple[str, ...]] = {f"{_EXTRA}/credential-id": (f"JTI={claims['jti']}",)}
        if (secret := about.get("secret")) is not None:
            self._check_bound(resources.SECRETS, namespace, secret, now)
        if (pod := about.get("pod")) is not None:
            self._check_bound(resources.PODS, namespace, pod, now)
            extra |= _told("pod", pod)
        if (node := about.get("node")) is not None:
            if pod is None:
                self._check_bound(resources.NODES, None, node, now)
            extra |= _told("node", node)
        name = accounts.username(namespace, account["name"])
        return UserInfo(name, account["uid"], accounts.groups(namespace), extra)

    def _check_account(self, namespace: str, claimed: Claims, now: datetime) -> None:
        stored = self._store.find(records.key(resources.SERVICE_ACCOUNTS, namespace, claimed["name"]))
        if stored is None:
            raise BadTokenError(f"serviceaccounts {causes.quote(claimed['name'])} not found")
        metadata = stored.object()["metadata"]
        if _is_gone(metadata, now):
            raise BadTokenError(f"service account {namespace}/{claimed['name']} has been deleted")
        if metadata["uid"] != claimed["uid"]:
            raise BadTokenError(f"service account UID ({metadata['uid']}) does not match claim ({claimed['uid']})")

    def _check_bound(self, resource: Resource, namespace: str | None, claimed: Claims, now: datetime) -> None:
        stored = self._store.find(records.key(resource, namespace, claimed["name"]))
        metadata = stored.object()["metadata"] if stored is not None else None
        if metadata is None or _is_gone(metadata, now):
            raise BadTokenError(_INVALIDATED)
        if metadata["uid"] != claimed.get("uid"):
            kind = resource.kind.lower()
            why = f"does not match service account {kind} ref claim ({claimed.get('uid', '')})"
            raise BadTokenError(f"{kind} UID ({metadata['uid']}) {why}")


def _reference(obj: Object) -> Claims:
    metadata = obj["metadata"]
    return {field: metadata[field] for field in ("name", "uid") if metadata.get(field)}


def _told(kind: str, claimed: Claims) -> dict[str, tuple[str, ...]]:
    return {f"{_EXTRA}/{kind}-{field}": (claimed[field],) for field in ("name", "uid") if claimed.get(field)}


def _texts(value: Any) -> tuple[str, ...]:
    """`aud` may be one text or a list."""
    return (value,) if isinstance(value, str) else tuple(value or ())


def _check_times(claims: Claims, now: datetime) -> None:
    if now - _LEEWAY > datetime.fromtimestamp(claims["exp"], UTC):
        raise BadTokenError("service account token has expired")
    if now + _LEEWAY < datetime.fromtimestamp(claims["nbf"], UTC):
        raise BadTokenError("service account token is not valid yet")


def _is_gone(metadata: Object, now: datetime) -> bool:
    deleted = metadata.get("deletionTimestamp")
    return deleted is not None and meta.parse_time(deleted) < now - _LEEWAY


def configuration(host: str) -> Claims:
    """What OpenID Connect calls the discovery document: how to verify the tokens. `host` is where this server answers."""
    return {
        "issuer": ISSUER,
        "jwks_uri": f"https://{host}{KEYS}",
        "response_types_supported": ["id_token"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": [signatures.ALGORITHM],
    }
