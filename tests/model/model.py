"""The documented rules of image pulls, written down a second time and nowhere near the product's code.

Sources: kubernetes.io/docs/concepts/containers/images (image pull policy; ensuring image pull credential verification),
KEP-2535. Whoever reads this page of rules must be able to say what runs; the tests hold the product to it.
"""

from dataclasses import dataclass, field


@dataclass
class Registry:
    """What is behind one tag of one repository. `lock`: the password that reading takes, empty for none."""

    image: str | None = None
    lock: str = ""
    failing: bool = False

    def answers(self, password: str) -> str | None:
        """The image that a pull with this password gets."""
        return None if self.failing or (self.lock and password != self.lock) else self.image


@dataclass
class Node:
    """One node: the image under the name, and for each image who is known to have been allowed to pull it.

    An image's `owners` are passwords; `EVERYBODY` among them once it came without one. An image that the kubelet never
    pulled has no owners at all.
    """

    remembers: bool = True
    mode: str = "NeverVerifyPreloadedImages"
    image: str | None = None
    owners: dict[str, set[str]] = field(default_factory=dict)

    def may_use(self, image: str, password: str) -> bool:
        """Whether a pod with this password may use the copy that is there."""
        if not self.remembers or self.mode == "NeverVerify":
            return True
        if image not in self.owners:
            return self.mode == "NeverVerifyPreloadedImages"
        known = self.owners[image]
        return EVERYBODY in known or password in known

    def start(self, policy: str, password: str, registry: Registry) -> str:
        """The image that a new pod runs, or the reason why none does."""
        usable = self.image is not None and self.may_use(self.image, password)
        if policy != "Always" and usable:
            assert self.image is not None
            return self.image
        if policy == "Never":
            return "ErrImageNeverPull"
        got = registry.answers(password)
        if got is None:
            return "ErrImagePull"
        self.image = got
        self.owners.setdefault(got, set()).add(password or EVERYBODY)
        return got

    def preload(self, image: str) -> None:
        """Somebody puts it there, past the kubelet."""
        self.image = image

    def remove(self) -> None:
        """`crictl rmi`: records of pulls stay."""
        self.image = None


EVERYBODY = ""
"""The password of pods that show none."""
