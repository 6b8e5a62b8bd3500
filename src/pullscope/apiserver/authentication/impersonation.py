"""A user who acts as another: `kubectl --as … --as-group …`.

Each header is a question to the authorizer: may he impersonate that user, that group? Upstream: k8s.io/apiserver v0.36
pkg/endpoints/filters/impersonation.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote

from multidict import CIMultiDict, CIMultiDictProxy

from pullscope.apiserver import authorization
from pullscope.apiserver.authorization import (
    ANONYMOUS,
    AUTHENTICATED,
    UNAUTHENTICATED,
    Attributes,
    Authorizer,
    NoOpinion,
)
from pullscope.kube import accounts, resources, status
from pullscope.kube.api import UserInfo
from pullscope.kube.resources import Resource

Headers = CIMultiDict[str] | CIMultiDictProxy[str]

_USER, _GROUP, _UID, _EXTRA = "Impersonate-User", "Impersonate-Group", "Impersonate-Uid", "Impersonate-Extra-"
_AUTHENTICATION = "authentication.k8s.io"
_USERS = Resource("", "v1", "users", "User", namespaced=False)
_GROUPS = Resource("", "v1", "groups", "Group", namespaced=False)
_UIDS = Resource(_AUTHENTICATION, "v1", "uids", "UID", namespaced=False)
_EXTRAS = Resource(_AUTHENTICATION, "v1", "userextras", "UserExtra", namespaced=False)


@dataclass(frozen=True)
class Wanted:
    """Whom the headers name; without `user` nobody is impersonated."""

    user: str
    groups: tuple[str, ...]
    uid: str
    extra: tuple[tuple[str, str], ...]


def acting(headers: Headers, user: UserInfo, authorizer: Authorizer) -> UserInfo:
    """Whom `user` acts as: himself, unless the headers say otherwise. Raises ApiError 403, or 400 without a user to be."""
    wanted = _wanted(headers)
    if not wanted.user:
        if wanted.groups or wanted.uid or wanted.extra:
            raise status.bad_request(f"requested {_listed(wanted)} without impersonating a user")
        return user
    for asked in _questions(wanted, user):
        decision = authorizer.authorize(asked)
        if isinstance(decision, NoOpinion):
            raise authorization.refusal(asked, decision.reason)
    return _become(wanted)


def _wanted(headers: Headers) -> Wanted:
    extra = [
        (unquote(name[len(_EXTRA) :].lower()), value)
        for name, value in headers.items()
        if name.lower().startswith(_EXTRA.lower())
    ]
    groups = tuple(headers.getall(_GROUP, ()))
    return Wanted(headers.get(_USER, ""), groups, headers.get(_UID, ""), tuple(extra))


def _questions(wanted: Wanted, user: UserInfo) -> Iterator[Attributes]:
    """What `user` must be allowed, one by one. A service account lies in its namespace."""
    account = accounts.split(wanted.user)
    if account is not None:
        yield Attributes(user, "impersonate", "", resources.SERVICE_ACCOUNTS, "", *account)
    else:
        yield Attributes(user, "impersonate", "", _USERS, "", None, wanted.user)
    for group in wanted.groups:
        yield Attributes(user, "impersonate", "", _GROUPS, "", None, group)
    for key, value in wanted.extra:
        yield Attributes(user, "impersonate", "", _EXTRAS, key, None, value)
    if wanted.uid:
        yield Attributes(user, "impersonate", "", _UIDS, "", None, wanted.uid)


def _become(wanted: Wanted) -> UserInfo:
    groups, account = wanted.groups, accounts.split(wanted.user)
    if not groups and account is not None:
        groups = accounts.groups(account[0])
    if wanted.user == ANONYMOUS.username:
        groups = groups if UNAUTHENTICATED in groups else (*groups, UNAUTHENTICATED)
    elif AUTHENTICATED not in groups and UNAUTHENTICATED not in groups:
        groups = (*groups, AUTHENTICATED)
    extra: dict[str, tuple[str, ...]] = {}
    for key, value in wanted.extra:
        extra[key] = (*extra.get(key, ()), value)
    return UserInfo(wanted.user, wanted.uid, groups, extra)


def _listed(wanted: Wanted) -> str:
    """As Go prints the references that upstream makes of the headers."""
    named = [("Group", group, "", "") for group in wanted.groups]
    named += [("UserExtra", value, f"{_AUTHENTICATION}/v1", key) for key, value in wanted.extra]
    named += [("UID", wanted.uid, f"{_AUTHENTICATION}/v1", "")] if wanted.uid else []
    return "[" + " ".join(f"{{{kind}  {name}  {version}  {field}}}" for kind, name, version, field in named) + "]"
