"""See all that bears on the question of which images run, read-only (GET, LIST and WATCH alone), as far as the rights go.

`collect.collect` gives `facts.Facts`. What cannot be read is noted with what that costs (`ledger`) and does without.

collect        all of it, in order
scope          what is asked about [pure]
shapes         the few fields that are read of each object
listing        lists in pages
pods           the pods of a scope
workloads      the controllers above them, their templates, the newest revision; `origins` says who set a policy [pure]
events         what the kubelet told about images
containers     all of these together, a fact a container [pure]
nodes          nodes, their images, their kubelets' settings
imagestreams   ImageStreams; `internal` what the internal registry's names mean by them; `mirrors` OpenShift's mirror sets
questions      which references to ask about [pure]
registries     asking: `asking` one reference, `reaching` them, `pacing` politely, `logins` as whom, `recall` not again so soon
redact         texts without what may be a secret [pure]
rbac           the rights that all this takes, as manifests [pure]
"""
