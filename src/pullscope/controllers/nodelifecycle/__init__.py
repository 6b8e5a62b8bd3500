"""What becomes of nodes that are silent, and of the pods on them.

`plan` says what a node's conditions and taints shall be, `controller` is the loop; `eviction` and `evictor` are the same
for pods on nodes with NoExecute taints, `lost` for pods on nodes that are gone.
Upstream: pkg/controller/nodelifecycle, pkg/controller/tainteviction and pkg/controller/podgc, v1.36.
"""
