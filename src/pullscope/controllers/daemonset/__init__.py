"""The daemon set controller: a pod on every node that wants one.

`places` says which nodes those are and keeps one pod on each, `rolling` replaces old pods, `revisions` keeps the history,
`pods` makes the pods, `status` counts, `plan` puts them together, `controller` is the loop.
Upstream: pkg/controller/daemon, v1.36.
"""
