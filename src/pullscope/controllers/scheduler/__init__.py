"""The scheduler: which node a pod runs on.

`usage` sums what the pods of nodes take, `filters` says for what reason a pod cannot run on one, `scores` which of
several is best, `plan` chooses, `controller` is the loop.
Upstream: pkg/scheduler, v1.36.
"""
