"""ServiceAccounts.

Upstream: kubernetes v1.36 pkg/registry/core/serviceaccount.
"""

from datetime import datetime
from typing import Any

from pullscope.apiserver import columns
from pullscope.apiserver.kinds import Kind, Table
from pullscope.apiserver.storage import Storage
from pullscope.apiserver.subresources import token
from pullscope.kube import resources, table
from pullscope.kube.api import Object


def _cells(obj: Object, now: datetime) -> list[Any]:
    return [obj["metadata"]["name"], table.age(obj, now)]


KIND = Kind(
    resource=resources.SERVICE_ACCOUNTS,
    table=Table((columns.NAME, columns.AGE), _cells),
    handler=Storage,
    subresources={"token": token.SUBRESOURCE},
    answers_with_object=True,
)
