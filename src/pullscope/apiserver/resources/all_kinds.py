"""Every kind that is served, in the order of discovery: by group, then by name.

`ALL` are those whose objects clients make, and are kept; `READ_ONLY` are made by the server, or there are none; `REVIEWS` are
questions that are answered and forgotten; `VIEWS` show other kinds.
"""

from pullscope.apiserver.resources import (
    absent,
    access_reviews,
    build_configs,
    builds,
    cluster_role_bindings,
    cluster_roles,
    cluster_versions,
    config_maps,
    controller_revisions,
    daemon_sets,
    deployments,
    endpoint_slices,
    endpoints,
    events,
    image_stream_images,
    image_stream_imports,
    image_stream_mappings,
    image_stream_tags,
    image_streams,
    images,
    jobs,
    leases,
    namespaces,
    nodes,
    oauth_access_tokens,
    openshift_access_reviews,
    pods,
    priority_classes,
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
    templates,
    token_reviews,
    users,
)

ALL = (
    config_maps.KIND,
    endpoints.KIND,
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
    endpoint_slices.KIND,
    priority_classes.KIND,
    cluster_role_bindings.KIND,
    cluster_roles.KIND,
    role_bindings.KIND,
    roles.KIND,
    images.KIND,
    image_streams.KIND,
    build_configs.KIND,
    builds.KIND,
    templates.KIND,
    users.KIND,
)

REVIEWS = (
    self_subject_reviews.KIND,
    token_reviews.KIND,
    *access_reviews.KINDS,
    self_subject_rules_reviews.KIND,
    *openshift_access_reviews.KINDS,
)

VIEWS = (
    image_stream_images.KIND,
    image_stream_imports.KIND,
    image_stream_mappings.KIND,
    image_stream_tags.KIND,
    image_stream_tags.IMAGE_TAGS,
    oauth_access_tokens.OWN,
    project_requests.KIND,
    projects.KIND,
)

READ_ONLY = (
    *absent.KINDS,
    cluster_versions.KIND,
    oauth_access_tokens.KIND,
)
