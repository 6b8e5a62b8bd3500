"""The deployment controller: replica sets that follow a deployment's template and size.

`facts` reads objects into values, `sizes` is the arithmetic of rollouts, `revisions` names and numbers replica sets,
`status` says how far a rollout is, `plan` puts them together, `controller` is the loop.
Upstream: pkg/controller/deployment, v1.36.
"""
