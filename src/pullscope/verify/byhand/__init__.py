"""The method `article`: the six conditions made as the tutorial makes them, with `oc`, one case after the other.

One BuildConfig and one ImageStream; the node is filled by a Deployment that ran once, emptied by `crictl rmi` in a debug pod,
and the registry is emptied by deleting the ImageStream. It needs rights that `freshtags` does not need.
"""
