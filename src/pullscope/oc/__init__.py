"""`pullscope oc`: the tutorial's commands for machines without `oc`. A thin client of any cluster's API, with `oc`'s words.

It takes the kubeconfig's current context as `oc` does, and asks the API server nothing that `oc` does not ask; there is no
other door to a lab. `main` knows the verbs, each is a module of its name; they share `session` (where to ask and where to
write), `arguments`, `discovery`, `columns` and `printing`. Upstream: github.com/openshift/oc release 4.22 and
k8s.io/kubectl v0.36 for words, columns and exit codes.
"""
