"""The lab: an OpenShift-like cluster in one process.

`config` says what to build, `assembly` wires it all in the running event loop, `nodes` shares content among its nodes.
`lifecycle` keeps it as a background process (`process`, started by `spawning`, asked through `control`) with a state
directory (`state`, `settings`), `userconfig` tells kubectl and oc about it, `certificates` makes its own certificate authority.
"""
