"""Every kind that is served, in the order of discovery: by group, then by name."""

from pullscope.apiserver.resources import (
    config_maps,
    deployments,
    events,
    namespaces,
    nodes,
    pods,
    replica_sets,
    secrets,
    service_accounts,
    services,
)

ALL = (
    config_maps.KIND,
    events.KIND,
    namespaces.KIND,
    nodes.KIND,
    pods.KIND,
    secrets.KIND,
    service_accounts.KIND,
    services.KIND,
    deployments.KIND,
    replica_sets.KIND,
)
