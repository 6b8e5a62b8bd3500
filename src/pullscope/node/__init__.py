"""A node: the kubelet. It watches the pods bound to it, brings the runtime to what they say and reports what it sees.

Layout, pure first: `reasons` (words), `podstate` (what the runtime holds of a pod), `actions` (what to do next), `status`
with `containerstatuses` and `conditions` (what to report), `env`, `fieldrefs`, `projection` and `podconfig` (what a
container gets), `nodestatus` (the Node object). Then those that act: `images`, `records`, `volumes`, `containers`,
`pods` (one worker per pod), `statuswriter`, `dispatch` (who works when), `leftovers`, `heartbeat`, `logs`, and `kubelet`, which holds them.

Upstream names are kept where behaviour is taken over: pkg/kubelet of Kubernetes v1.36.
"""
