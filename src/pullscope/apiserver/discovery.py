"""What is served, told to clients: aggregated discovery (v2 and v2beta1) and the older documents.

All of it is computed from the endpoints, so nothing is advertised that nobody answers. Upstream: k8s.io/api v0.36
apidiscovery/v2/types.go, k8s.io/apiserver pkg/endpoints/discovery.
"""

from collections.abc import Iterable

from pullscope.apiserver import negotiation
from pullscope.apiserver.endpoints import Endpoint
from pullscope.apiserver.handlers import verbs
from pullscope.kube.api import Object

GROUP = "apidiscovery.k8s.io"
_VERSIONS = ("v2", "v2beta1")
_LIST = "APIGroupDiscoveryList"


def wanted(accept: str | None) -> str | None:
    """The version of aggregated discovery that an Accept header asks for first; None for the older documents."""
    for media, parameters in negotiation.accepted(accept):
        if media not in ("application/json", "*/*"):
            continue
        if parameters.get("as") is None:
            return None
        if parameters.get("g") == GROUP and parameters["as"] == _LIST and parameters.get("v") in _VERSIONS:
            return parameters["v"]
    return None


def content_type(version: str) -> str:
    """The exact Content-Type of an aggregated answer; clients take any other for an older document."""
    return f"application/json;g={GROUP};v={version};as={_LIST}"


class Discovery:
    """The documents, by path."""

    def __init__(self, endpoints: Iterable[Endpoint]) -> None:
        self._groups: dict[str, dict[str, list[Endpoint]]] = {}
        for endpoint in endpoints:
            versions = self._groups.setdefault(endpoint.resource.group, {})
            versions.setdefault(endpoint.resource.version, []).append(endpoint)

    def has(self, group: str, version: str) -> bool:
        return version in self._groups.get(group, {})

    def paths(self) -> list[str]:
        """The path of every document here."""
        found = ["/api", "/apis"]
        for group, versions in self._groups.items():
            above = f"/apis/{group}" if group else "/api"
            found += [above, *(f"{above}/{version}" for version in versions)]
        return sorted({*found})

    def aggregated(self, *, core: bool, version: str) -> Object:
        """`/api` (the core group) or `/apis` (all others)."""
        groups = {group: versions for group, versions in self._groups.items() if (group == "") == core}
        items = [
            {
                "metadata": {"name": group} if group else {},
                "versions": [
                    {"version": each, "resources": _aggregated(endpoints), "freshness": "Current"}
                    for each, endpoints in versions.items()
                ],
            }
            for group, versions in groups.items()
        ]
        return {"kind": _LIST, "apiVersion": f"{GROUP}/{version}", "metadata": {}, "items": items}

    def versions(self, host: str) -> Object:
        """`/api`, the older form."""
        addresses = [{"clientCIDR": "0.0.0.0/0", "serverAddress": host}]
        versions = list(self._groups.get("", {}))
        return {"kind": "APIVersions", "versions": versions, "serverAddressByClientCIDRs": addresses}

    def groups(self) -> Object:
        """`/apis`, the older form."""
        return {
            "kind": "APIGroupList",
            "apiVersion": "v1",
            "groups": [self._group(each) for each in self._groups if each],
        }

    def group(self, name: str) -> Object | None:
        """`/apis/GROUP`, or None."""
        if not name or name not in self._groups:
            return None
        return {"kind": "APIGroup", "apiVersion": "v1", **self._group(name)}

    def _group(self, name: str) -> Object:
        listed = [{"groupVersion": f"{name}/{version}", "version": version} for version in self._groups[name]]
        return {"name": name, "versions": listed, "preferredVersion": listed[0]}

    def resources(self, group: str, version: str) -> Object | None:
        """`/api/v1` and `/apis/GROUP/VERSION`, or None."""
        if not self.has(group, version):
            return None
        endpoints = self._groups[group][version]
        group_version = f"{group}/{version}" if group else version
        head = {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": group_version}
        return {**head, "resources": [_listed(endpoint) for endpoint in endpoints]}


def _aggregated(endpoints: list[Endpoint]) -> list[Object]:
    mains = {endpoint.resource.plural: _main(endpoint) for endpoint in endpoints if not endpoint.subresource}
    for endpoint in endpoints:
        if endpoint.subresource:
            part = {
                "subresource": endpoint.subresource,
                "responseKind": _response_kind(endpoint),
                "verbs": verbs(endpoint.handler),
            }
            mains[endpoint.resource.plural].setdefault("subresources", []).append(part)
    return list(mains.values())


def _main(endpoint: Endpoint) -> Object:
    resource = endpoint.resource
    main: Object = {
        "resource": resource.plural,
        "responseKind": _response_kind(endpoint),
        "scope": "Namespaced" if resource.namespaced else "Cluster",
        "singularResource": resource.singular,
        "verbs": verbs(endpoint.handler),
    }
    return main | _names(endpoint)


def _response_kind(endpoint: Endpoint) -> Object:
    """The kind of the answers; group and version are empty when they are the resource's own."""
    body, resource = endpoint.body, endpoint.resource
    same = (body.group, body.version) == (resource.group, resource.version)
    return {
        "group": "" if same else body.group,
        "version": "" if same else body.version,
        "kind": body.kind,
    }


def _names(endpoint: Endpoint) -> Object:
    resource, names = endpoint.resource, {}
    if resource.short_names:
        names["shortNames"] = list(resource.short_names)
    if resource.categories:
        names["categories"] = list(resource.categories)
    return names


def _listed(endpoint: Endpoint) -> Object:
    resource, sub = endpoint.resource, endpoint.subresource
    listed: Object = {
        "name": f"{resource.plural}/{sub}" if sub else resource.plural,
        "singularName": "" if sub else resource.singular,
        "namespaced": resource.namespaced,
        "kind": endpoint.body.kind,
        "verbs": verbs(endpoint.handler),
    }
    kind = _response_kind(endpoint)
    if kind["version"]:
        listed |= {"group": kind["group"], "version": kind["version"]}
    return listed if sub else listed | _names(endpoint)
