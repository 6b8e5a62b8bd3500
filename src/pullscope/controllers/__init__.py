"""Controllers: what makes the cluster's state follow what was asked for.

One module (or package) each. `plan` is pure: what was observed in, what to do out. The loop around it takes keys from a
`queue.WorkQueue`, reads the shared `cache`, calls `plan` and carries its actions out through `kube.api.Api`, under the
user name that upstream's controller of that name has. Nothing polls: watches fill the cache, changes fill the queues.
`manager.run` runs them all.
"""
