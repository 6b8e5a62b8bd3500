"""Which Kubernetes this is, and which OpenShift: `/version` and the ClusterVersion.

The level is that of the recorded cluster (v1.36.2), which the texts and columns follow; `gitVersion` says who we are as build
metadata, which version comparisons ignore.
"""

import platform

import pullscope
from pullscope.kube.api import Object

MAJOR, MINOR, PATCH = "1", "36", "2"
OPENSHIFT = "4.22.0"
_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}


def git_version() -> str:
    return f"v{MAJOR}.{MINOR}.{PATCH}+pullscope-{pullscope.__version__}"


def openshift_version() -> str:
    """The release whose kinds, texts and columns are followed."""
    return f"{OPENSHIFT}+pullscope-{pullscope.__version__}"


def document() -> Object:
    """k8s.io/apimachinery pkg/version.Info."""
    machine = platform.machine().lower()
    return {
        "major": MAJOR,
        "minor": MINOR,
        "emulationMajor": MAJOR,
        "emulationMinor": MINOR,
        "minCompatibilityMajor": MAJOR,
        "minCompatibilityMinor": str(int(MINOR) - 1),
        "gitVersion": git_version(),
        "gitCommit": "",
        "gitTreeState": "clean",
        "buildDate": "",
        "goVersion": "",
        "compiler": "python",
        "platform": f"{platform.system().lower()}/{_ARCHITECTURES.get(machine, machine)}",
    }
