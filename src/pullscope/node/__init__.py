"""A node: the kubelet. It watches the pods bound to it, brings the runtime to what they say and reports what it sees.

Layout, pure first: `reasons` (words), `podstate` (what the runtime holds of a pod), `actions` (what to do next), `status`
with `containerstatuses` and `conditions` (what to report), `probes`, `deadline`, `env`, `fieldrefs`, `projection`,
`hostpaths` and `podconfig` (what a container gets), `nodestatus` (the Node object). Then those that act: `images`
with `pulling`, `records` in `recordfiles`, `tokens`, `volumes` with `podvolumes`, `containers`, `pods` (one worker per pod), `prober`, `statuswriter`,
`dispatch` with `timers` (who works when), `leftovers`, `heartbeat`, `lease`, `logs` with `logrotation` and `lastwords`,
`streams`, `meters`, and `kubelet`, which holds them.

Upstream names are kept where behaviour is taken over: pkg/kubelet of Kubernetes v1.36.
"""
