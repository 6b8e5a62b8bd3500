"""The image of debug pods: the words of the toolbox, and `chroot` into a node's root. What `openshift/tools` leads to."""

from pullscope.content.api import BlobStore
from pullscope.images import build, layers
from pullscope.oci import platform, toolbox
from pullscope.oci.documents import Descriptor

_WORDS = (*toolbox.WORDS, "bash", "chroot")
_RUN = {"Cmd": ["/bin/sh"], "Env": ["PATH=/usr/bin:/bin", "PS1=sh-5.1# "], "User": "0", "WorkingDir": "/"}


def image(store: BlobStore) -> Descriptor:
    """Put it into `store`; returns its descriptor."""
    marks = [layers.Entry(f"{directory}/{word}", toolbox.MARK) for directory in ("bin", "usr/bin") for word in _WORDS]
    return build.image(store, platform.WASI, _RUN, [layers.write(store, marks)])
