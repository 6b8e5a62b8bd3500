"""The programs of builds' pods: they take the source, make the image out of it, and push it.

They are words of the toolbox with powers that no program in a container has: they reach registries and the API, with the
pod's own credentials, and the disk through the pod's volumes. A lab gives them to its nodes: `words.programs(powers)`.

Upstream: openshift/builder release-4.22 (cmd, pkg/build/builder). What they print is upstream's as far as it is true here.
"""
