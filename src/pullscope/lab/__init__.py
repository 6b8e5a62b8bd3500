"""The lab: an OpenShift-like cluster in one process.

`config` says what to build, `assembly` wires it all in the running event loop, `lifecycle` keeps it as a background process
with a state directory, `kubeconfig` tells kubectl and oc about it, `certificates` makes its own certificate authority.
"""
