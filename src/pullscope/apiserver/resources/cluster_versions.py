"""The ClusterVersion `version`: which OpenShift the server follows, and who it is. Made whenever it is asked for.

Nobody updates a lab from within, so nothing of it can be written. Its identity is that of the namespace kube-system, as
old as the cluster. Upstream: openshift/api config/v1 (types_cluster_version.go and the columns of its definition).
"""

from datetime import datetime
from typing import Any

import orjson

from pullscope.apiserver import columns, paging, version
from pullscope.apiserver.handlers import Context
from pullscope.apiserver.kinds import Kind, Table
from pullscope.apiserver.paging import Page
from pullscope.apiserver.selection import Selection
from pullscope.apiserver.services import Services
from pullscope.apiserver.store import records
from pullscope.apiserver.store.records import Listing, Stored
from pullscope.apiserver.store.store import Store
from pullscope.kube import meta, resources, status, table
from pullscope.kube.api import Object

NAME = "version"
_CLUSTER = records.key(resources.NAMESPACES, None, "kube-system")


class ClusterVersions:
    """Get and list."""

    def __init__(self, kind: Kind, services: Services) -> None:
        self._kind = kind
        self._store = services.store

    async def get(self, context: Context) -> Object:
        for each in _stored(self._kind, self._store):
            if each.key.name == context.name:
                return each.object()
        raise status.not_found(self._kind.resource, context.name)

    async def list(self, _context: Context, selection: Selection, page: Page = paging.ALL) -> Listing:
        return paging.cut(
            Listing(_stored(self._kind, self._store), self._store.revision), page, selection, everywhere=False
        )


def _stored(kind: Kind, store: Store) -> list[Stored]:
    """The one there is; none before kube-system is."""
    cluster = store.find(_CLUSTER)
    if cluster is None:
        return []
    obj = {**kind.head, **_version(cluster.object()["metadata"])}
    key = records.key(kind.resource, None, NAME)
    return [records.described(key, obj, orjson.dumps(obj), cluster.revision, born=cluster.born)]


def _version(cluster: Object) -> Object:
    """The object without its head, of the metadata of kube-system."""
    since, uid, name = cluster["creationTimestamp"], cluster["uid"], version.openshift_version()
    fields = {field: cluster[field] for field in ("uid", "resourceVersion", "creationTimestamp")}
    done = {"state": "Completed", "startedTime": since, "completionTime": since, "version": name}
    conditions = [
        _condition("Available", "True", since, f"Done applying {name}"),
        _condition("Failing", "False", since, ""),
        _condition("Progressing", "False", since, f"Cluster version is {name}"),
    ]
    observed: Object = {
        "desired": {"version": name, "image": ""},
        "history": [{**done, "image": "", "verified": False}],
        "observedGeneration": 1,
        "versionHash": "",
        "conditions": conditions,
        "availableUpdates": None,
    }
    return {"metadata": {"name": NAME, "generation": 1, **fields}, "spec": {"clusterID": uid}, "status": observed}


def _condition(kind: str, value: str, since: str, message: str) -> Object:
    said = {"message": message} if message else {}
    return {"type": kind, "status": value, "lastTransitionTime": since, **said}


def _cells(obj: Object, now: datetime) -> list[Any]:
    conditions = obj["status"]["conditions"]
    available, progressing = (meta.get_condition(conditions, each) or {} for each in ("Available", "Progressing"))
    name = obj["status"]["history"][0]["version"]
    since = table.since(progressing.get("lastTransitionTime"), now)
    return [obj["metadata"]["name"], name, available["status"], progressing["status"], since, progressing["message"]]


_COLUMNS = (
    columns.NAME,
    table.column("Version", description="The version that the cluster is of."),
    table.column("Available", description="Whether all of it is there."),
    table.column("Progressing", description="Whether it is being updated."),
    table.column("Since", description="For how long it has been so."),
    table.column("Status", description="What is going on."),
)

KIND = Kind(resource=resources.CLUSTER_VERSIONS, table=Table(_COLUMNS, _cells), handler=ClusterVersions)
