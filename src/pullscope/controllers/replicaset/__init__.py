"""The replica set controller: as many pods as were asked for.

`plan` decides how many to create, which to delete and what the status says; `controller` is the loop.
Upstream: pkg/controller/replicaset, v1.36.
"""
