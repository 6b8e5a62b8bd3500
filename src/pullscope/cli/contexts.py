"""The options that name a cluster of the user's instead of a lab: what kubectl calls them."""

from pathlib import Path
from typing import Annotated

import typer

Context = Annotated[
    str | None, typer.Option("--context", metavar="CTX", help="A cluster of yours: a context of the kubeconfig.")
]
Kubeconfig = Annotated[
    Path | None, typer.Option("--kubeconfig", metavar="FILE", help="Another kubeconfig; its current context is taken.")
]
NodeAccess = Annotated[
    bool, typer.Option("--node-access", help="Look at the node itself, through a debug pod (needs the rights for one).")
]
DebugImage = Annotated[
    str,
    typer.Option("--debug-image", metavar="IMAGE", help="What debug pods are made of. [openshift/tools, or busybox]"),
]
