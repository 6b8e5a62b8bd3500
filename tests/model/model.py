"""The documented rules of image pulls, written down a second time and nowhere near the product's code.

Whoever reads this page of rules must be able to say what runs; the tests hold the product to it. Images are called by the
web archive in them, which stands for their digest too. Sources: docs/pull-policy.md, docs/registry.md,
kubernetes.io/docs/concepts/containers/images, KEP-2535 and pkg/kubelet/images/pullmanager of Kubernetes v1.36; what CRI-O
and containerd do with names was recorded on real nodes.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

ALWAYS, IF_NOT_PRESENT, NEVER = "Always", "IfNotPresent", "Never"

ERR_IMAGE_PULL = "ErrImagePull"
ERR_IMAGE_NEVER_PULL = "ErrImageNeverPull"
REGISTRY_UNAVAILABLE = "RegistryUnavailable"


@dataclass(frozen=True)
class Name:
    """What a pod writes: `repository:tag`, `repository@digest`, or `repository:tag@digest`, of which the digest counts."""

    repository: str
    tag: str = ""
    image: str = ""

    @property
    def meant(self) -> "Name":
        return Name(self.repository, image=self.image) if self.image else self


@dataclass(frozen=True)
class Key:
    """A pull secret: which one, the password in it, and the repository that it is for (empty: for the whole registry).

    Of several those for the repository come first, else as the pod names them.
    """

    secret: str
    password: str
    place: str = ""


@dataclass
class Registry:
    """What is behind the tags, what is there by digest, which repositories want a password, and what goes wrong."""

    tags: dict[Name, str] = field(default_factory=dict)
    held: set[Name] = field(default_factory=set)
    locks: dict[str, str] = field(default_factory=dict)
    fault: str = ""

    def push(self, name: Name, image: str) -> None:
        self.tags[name] = image
        self.held.add(Name(name.repository, image=image))

    def untag(self, name: Name) -> None:
        """The tag is gone. What it led to is still there by digest."""
        self.tags.pop(name, None)

    def remove(self, name: Name) -> None:
        """The image is gone, with all its tags in that repository."""
        gone = Name(name.repository, image=self.tags[name])
        self.held.discard(gone)
        self.tags = {n: i for n, i in self.tags.items() if (n.repository, i) != (gone.repository, gone.image)}

    def gives(self, name: Name, password: str) -> str | None:
        """The image that is pulled with this password. `cut`: no blob comes through, which matters to who needs blobs."""
        if self.fault not in ("", "cut") or self.locks.get(name.repository, password) != password:
            return None
        return name.image if name.meant in self.held else self.tags.get(name)


@dataclass
class Node:
    """One node: which images its runtime has, under which names, what containers use, and what its kubelet remembers.

    `records`: for each image that the kubelet pulled, by repository, the secrets (and the passwords in them) that it came
    with, or ANYBODY. `intents`: pulls that a kubelet began and did not live to see the end of. `allowed`: the repositories
    of the allow list. `own`: the password that the node itself has.
    """

    remembers: bool = True
    mode: str = "NeverVerifyPreloadedImages"
    allowed: frozenset[str] = frozenset()
    flavour: str = "cri-o"
    own: str = ""
    names: dict[Name, str] = field(default_factory=dict)
    images: set[str] = field(default_factory=set)
    used: list[str] = field(default_factory=list)
    records: dict[str, dict[str, dict[str, str]]] = field(default_factory=dict)
    intents: set[Name] = field(default_factory=set)

    # ----------------------------------------------------------------------------------- a container is to start

    def start(self, name: Name, policy: str, keys: Sequence[Key], registry: Registry) -> str:
        """The image that it runs, or the reason why it waits."""
        here = self.find(name)
        fitting = sorted(
            (key for key in keys if name.repository.startswith(key.place)), key=lambda key: -len(key.place)
        )
        if policy != ALWAYS and here is not None and self._may_use(here, name, fitting):
            return here
        if policy == NEVER:
            return ERR_IMAGE_NEVER_PULL
        return self._pull(name, fitting, registry)

    def _pull(self, name: Name, keys: Sequence[Key], registry: Registry) -> str:
        """Each password is tried in turn, at last the node's; the first that opens is remembered. Who has none asks without."""
        self.given_up(name)
        own = [Key(ANYBODY, self.own)] if self.own else []
        for key in [*keys, *own] or [Key(ANYBODY, "")]:
            image = registry.gives(name, key.password)
            if image is not None and (registry.fault != "cut" or self.has(image)):
                self.load(name, image)
                self._remember(image, name.repository, key)
                return image
        unavailable = registry.fault == "refuse" and self.flavour == "cri-o"
        return REGISTRY_UNAVAILABLE if unavailable else ERR_IMAGE_PULL

    def _may_use(self, image: str, name: Name, keys: Sequence[Key]) -> bool:
        """Since 1.35: whether a pod with these secrets may use the copy that is there."""
        known = self.records.get(image)
        pulled = known is not None or name in self.intents
        asked = {
            "NeverVerify": False,
            "NeverVerifyPreloadedImages": pulled,
            "NeverVerifyAllowlistedImages": name.repository not in self.allowed,
            "AlwaysVerify": True,
        }
        if not self.remembers or not asked[self.mode]:
            return True
        proven = (known or {}).get(name.repository, {})
        if ANYBODY in proven:
            return True
        for key in keys:
            if key.secret in proven or key.password in proven.values():  # the same secret, whatever is in it by now
                proven[key.secret] = key.password
                return True
        return False

    def given_up(self, name: Name) -> None:
        """A pull ended, well or not, or was cut: nothing is under way any more."""
        if self.remembers:
            self.intents.discard(name)

    def _remember(self, image: str, repository: str, key: Key) -> None:
        """What anybody may pull stays so; secrets of one image add up."""
        if self.remembers:
            proven = self.records.setdefault(image, {}).setdefault(repository, {})
            if key.secret == ANYBODY:
                proven.clear()
            if ANYBODY not in proven:
                proven[key.secret] = key.password

    # ----------------------------------------------------------------------------------- what happens to the node

    def load(self, name: Name, image: str) -> None:
        """The image is there under that name. A name leads to one image: the last one; what it led to before stays."""
        self.images.add(image)
        self.names[name.meant] = image
        if self.flavour == "containerd":
            self.names[Name(name.repository, image=image)] = image

    def find(self, name: Name) -> str | None:
        """By digest CRI-O finds an image only in a repository that has a name for it still; containerd keeps a name for that."""
        if not name.image:
            return self.names.get(name)
        return next((i for n, i in self.names.items() if (n.repository, i) == (name.repository, name.image)), None)

    def has(self, image: str) -> bool:
        """Whether nothing of it has to be downloaded."""
        return image in self.images

    def rmi(self, name: Name) -> None:
        """The image goes with all its names; records of pulls stay. CRI-O keeps what a container uses."""
        image = self.find(name)
        if image is not None and not (self.flavour == "cri-o" and image in self.used):
            self._forget(image)

    def collect(self, *, full: bool) -> None:
        """All that no container uses goes: it was there for long, or the disk is `full`. Then records of what is gone go too."""
        for image in self.images - set(self.used):
            self._forget(image)
        if full and self.remembers:
            self.records = {image: known for image, known in self.records.items() if image in self.images}

    def _forget(self, image: str) -> None:
        self.images.discard(image)
        self.names = {name: other for name, other in self.names.items() if other != image}

    def restart(self) -> None:
        """The kubelet starts. A pull that ended unseen counts as pulled, by nobody knows whom."""
        for name in [*self.intents] if self.remembers else []:
            image = None if name.tag and name.image else self.find(name)  # no runtime lists a name with both
            if image is not None:
                self.records.setdefault(image, {})
                self.intents.discard(name)


ANYBODY = ""
"""In place of a secret: it came without one."""
