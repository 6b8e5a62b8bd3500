"""The scheduler: which node a pod runs on.

`nodes` reads nodes, `usage` sums what their pods take, `filters` says for what reason a pod cannot run on one, `plan` chooses, `controller` is the loop.
Upstream: pkg/scheduler, v1.36.
"""
