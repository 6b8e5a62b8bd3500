"""ServiceAccounts.

Upstream: kubernetes v1.36 pkg/registry/core/serviceaccount. Tokens are not minted here (`serviceaccounts/token` is not served).
"""

from datetime import datetime
from typing import Any

from pullscope.apiserver import columns
from pullscope.apiserver.kinds import Kind, Table
from pullscope.apiserver.storage import Storage
from pullscope.kube import resources, table
from pullscope.kube.api import Object


def _cells(obj: Object, now: datetime) -> list[Any]:
    return [obj["metadata"]["name"], table.age(obj, now)]


KIND = Kind(
    resource=resources.SERVICE_ACCOUNTS,
    table=Table((columns.NAME, columns.AGE), _cells),
    handler=Storage,
    answers_with_object=True,
)
