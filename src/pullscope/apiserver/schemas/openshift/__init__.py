"""The schemas of OpenShift's kinds, written by hand: one JSON file a package, named like its definitions.

They are OpenAPI v3 schemas with descriptions, as they would stand in a document of a cluster's `/openapi/v3`; `archive` finds
them by the same look-ups as Kubernetes' own. A kind is served under the names in its `x-kubernetes-group-version-kind`.
Fields and their meanings: openshift/api, release 4.22.
"""
