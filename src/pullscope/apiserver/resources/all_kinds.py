"""Every kind that is served, in the order of discovery: by group, then by name.

`ALL` are those whose objects are kept; `REVIEWS` are questions that are answered and forgotten; `VIEWS` show other kinds.
"""

from pullscope.apiserver.resources import (
    access_reviews,
    cluster_role_bindings,
    cluster_roles,
    config_maps,
    controller_revisions,
    daemon_sets,
    deployments,
    events,
    jobs,
    leases,
    namespaces,
    nodes,
    pods,
    project_requests,
    projects,
    replica_sets,
    role_bindings,
    roles,
    secrets,
    self_subject_reviews,
    self_subject_rules_reviews,
    service_accounts,
    services,
    token_reviews,
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
    controller_revisions.KIND,
    daemon_sets.KIND,
    deployments.KIND,
    replica_sets.KIND,
    jobs.KIND,
    leases.KIND,
    cluster_role_bindings.KIND,
    cluster_roles.KIND,
    role_bindings.KIND,
    roles.KIND,
)

REVIEWS = (
    self_subject_reviews.KIND,
    token_reviews.KIND,
    *access_reviews.KINDS,
    self_subject_rules_reviews.KIND,
)

VIEWS = (
    project_requests.KIND,
    projects.KIND,
)
