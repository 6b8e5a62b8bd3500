"""The addresses behind services: Endpoints and EndpointSlices.

`backends` says which pods are behind a service and by which ports, `subsets` what the Endpoints object shall be, `slices`
what the EndpointSlices shall be, `controller` is the loop for both.
Upstream: pkg/controller/endpoint, pkg/controller/endpointslice and k8s.io/endpointslice v0.36. There are no host names and
zones of endpoints, and no annotation of the time of the last change.
"""
