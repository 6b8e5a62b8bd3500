"""`serviceaccounts/token`: a token of the account, bound to a pod, a secret or a node where that is asked (TokenRequest).

Upstream: kubernetes v1.36 pkg/registry/core/serviceaccount/storage/token.go, pkg/apis/authentication/validation.
"""

from collections.abc import Iterator
from datetime import timedelta

from pullscope.apiserver import workloads
from pullscope.apiserver.authentication.account_tokens import AUDIENCES, Bound
from pullscope.apiserver.handlers import Context
from pullscope.apiserver.kinds import Kind, Subresource
from pullscope.apiserver.services import Services
from pullscope.apiserver.store import records
from pullscope.kube import causes, meta, resources, status
from pullscope.kube.api import Object
from pullscope.kube.resources import Resource
from pullscope.kube.status import Cause

TOKEN_REQUESTS = Resource("authentication.k8s.io", "v1", "tokenrequests", "TokenRequest")
_DEFAULT_SECONDS, _SECONDS_MIN, _SECONDS_MAX = 3600, 600, 1 << 32
# A kubelet's own request for a pod's token is honoured for a year, so that programs that read it once go on working.
_INJECTED_SECONDS, _EXTENDED_SECONDS = 3607, 365 * 24 * 3600
_BINDABLE = {resource.kind: resource for resource in (resources.PODS, resources.SECRETS, resources.NODES)}


class TokenRequests:
    """Issues tokens; nothing is kept."""

    def __init__(self, _kind: Kind, services: Services) -> None:
        self._store = services.store
        self._clock = services.clock
        self._accounts = services.authenticator.accounts

    async def create(self, context: Context, obj: Object) -> Object:
        account = self._get(resources.SERVICE_ACCOUNTS, context.namespace, context.name)
        given = obj.get("spec") or {}
        audiences = given.get("audiences") or list(AUDIENCES)
        seconds = given.get("expirationSeconds")
        seconds = _DEFAULT_SECONDS if seconds is None else seconds
        reference = given.get("boundObjectRef")
        found = [*_validate(given, seconds)]
        if found:
            raise status.invalid(TOKEN_REQUESTS, "", found)
        bound = self._bound(context, reference) if reference is not None else Bound()
        extended = bound.pod is not None and seconds == _INJECTED_SECONDS and set(audiences) <= set(AUDIENCES)
        now = self._clock.now()
        token = self._accounts.issue(
            account,
            audiences,
            seconds=_EXTENDED_SECONDS if extended else seconds,
            bound=bound,
            warn_after=seconds if extended else None,
        )
        metadata = {"name": context.name, "namespace": context.namespace, "creationTimestamp": meta.timestamp(now)}
        return {
            "kind": TOKEN_REQUESTS.kind,
            "apiVersion": TOKEN_REQUESTS.api_version,
            "metadata": {**obj["metadata"], **metadata},
            "spec": {"audiences": audiences, "expirationSeconds": seconds, "boundObjectRef": reference},
            "status": {"token": token, "expirationTimestamp": meta.timestamp(now + timedelta(seconds=seconds))},
        }

    def _get(self, resource: Resource, namespace: str | None, name: str) -> Object:
        """Raises ApiError 404."""
        stored = self._store.find(records.key(resource, namespace if resource.namespaced else None, name))
        if stored is None:
            raise status.not_found(resource, name)
        return self._store.views.of(stored)

    def _bound(self, context: Context, reference: Object) -> Bound:
        """What the token is to be bound to. Raises ApiError 400, 404 or 409."""
        kind, version, name = reference.get("kind", ""), reference.get("apiVersion", ""), reference.get("name", "")
        group = version.rpartition("/")[0]
        if group or kind not in _BINDABLE:
            shown = f"{group}/{version.rpartition('/')[2]}, Kind={kind}"
            raise status.bad_request(f"cannot bind token to object of type {shown}")
        obj = self._get(_BINDABLE[kind], context.namespace, name)
        if kind == resources.PODS.kind and obj["spec"].get("serviceAccountName") != context.name:
            running = "to pod running with different serviceaccount name."
            raise status.bad_request(f"cannot bind token for serviceaccount {causes.quote(context.name)} {running}")
        if (uid := reference.get("uid")) and uid != obj["metadata"]["uid"]:
            why = f"the UID in the bound object reference ({uid}) does not match the UID in record."
            why = f"{why} The object might have been deleted and then recreated"
            raise status.conflict(Resource(group, "", kind, kind), name, why)
        return self._with_node(kind, obj)

    def _with_node(self, kind: str, obj: Object) -> Bound:
        if kind == resources.SECRETS.kind:
            return Bound(secret=obj)
        if kind == resources.NODES.kind:
            return Bound(node=obj)
        if not (name := obj["spec"].get("nodeName")):
            return Bound(pod=obj)
        stored = self._store.find(records.key(resources.NODES, None, name))
        return Bound(pod=obj, node=self._store.views.of(stored) if stored is not None else {"metadata": {"name": name}})


def _validate(spec: Object, seconds: int) -> Iterator[Cause]:
    if seconds < _SECONDS_MIN:
        yield causes.invalid("spec.expirationSeconds", seconds, "may not specify a duration less than 10 minutes")
    if seconds > _SECONDS_MAX:
        yield causes.invalid("spec.expirationSeconds", seconds, "may not specify a duration larger than 2^32 seconds")
    if attestations := spec.get("attestations"):
        why = "attestations may only be specified with a webhook bound object reference"
        yield workloads.object_invalid("spec.attestations", attestations, why)


SUBRESOURCE = Subresource(TokenRequests, TOKEN_REQUESTS.kind, TOKEN_REQUESTS.group, TOKEN_REQUESTS.version)
