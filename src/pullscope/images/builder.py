"""The image that the containers of builds' pods are made of: marks for the programs that build."""

from pullscope.content.api import BlobStore
from pullscope.images import build, layers
from pullscope.oci import platform, toolbox
from pullscope.oci.documents import Descriptor
from pullscope.openshift import builder

_RUN = {"Env": ["PATH=/bin"], "User": "0", "WorkingDir": "/"}


def image(store: BlobStore) -> Descriptor:
    """Put it into `store`; returns its descriptor."""
    marks = [layers.Entry(f"{toolbox.DIRECTORY}/{word}", toolbox.MARK) for word in builder.WORDS]
    return build.image(store, platform.WASI, _RUN, [layers.write(store, marks)])
