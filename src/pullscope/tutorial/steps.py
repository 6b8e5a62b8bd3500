"""What a step is: a sentence, a command as a user types it, and what must come of it. [pure]"""

from dataclasses import dataclass
from typing import Literal

from pullscope.pull.flow import Text

PROJECT = "custom-image-sample"
NAME = "custom-image-java"
IMAGE = f"image-registry.openshift-image-registry.svc:5000/{PROJECT}/{NAME}:v1"

Change = Literal["samples", "registry.war", "Always", "IfNotPresent"]
"""What a command changes in the folder: the sample files are written, the other WAR takes its place, the policy is that."""

Until = Literal["", "running", "settled"]
"""What is waited for after a command: nothing, a new pod that runs, or one that runs or fails."""


@dataclass(frozen=True)
class Oc:
    """A command for the cluster. `says`: what must be in its output; `powershell`: the command where it looks different there."""

    command: str
    says: str = ""
    until: Until = ""
    powershell: str = ""


@dataclass(frozen=True)
class Edit:
    """A command of the shell, which is not run but done: shells differ."""

    change: Change
    command: str
    powershell: str = ""


@dataclass(frozen=True)
class Step:
    """What is done and why."""

    why: Text
    action: Oc | Edit


@dataclass(frozen=True)
class Chapter:
    """Steps under a title. `case` is the number of the case that they make (empty: none), `war` what must then run there."""

    title: Text
    about: Text
    steps: tuple[Step, ...]
    case: str = ""
    war: str = ""
