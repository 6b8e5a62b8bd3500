"""Options about nodes: releases, runtimes, configurations, disks."""

from pathlib import Path

import pytest

from pullscope.base.errors import UsageError
from pullscope.lab import kubelets
from pullscope.lab.settings import Settings
from pullscope.node.kubeletconfig import KubeletConfig

FILE = "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\nserializeImagePulls: true\n"


def test_what_is_asked_for_is_what_nodes_get(tmp_path: Path) -> None:
    file = tmp_path / "kubelet.yaml"
    file.write_text(FILE, encoding="utf-8")
    asked = kubelets.asked("v1.34", "containerd", file, "2Gi", ["*team*", "quay.io/*"])
    settings = Settings(**asked)
    assert kubelets.config(settings) == KubeletConfig((1, 34), at_once=1)
    assert (kubelets.flavour(settings.runtime_flavour), kubelets.size(settings.image_disk)) == ("containerd", 2 << 30)
    assert kubelets.patterns(settings.pinned_images) == ["*team*", "quay.io/*"]


def test_what_is_not_asked_for_stays_as_it_is() -> None:
    assert kubelets.asked(None, None, None, None) == {}
    assert kubelets.asked(None, None, None, None, [""]) == {"pinned_images": ""}
    assert kubelets.patterns("") == []
    assert kubelets.config(Settings()) == KubeletConfig()
    assert kubelets.size(Settings().image_disk) is None


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        (("1.20", None, None, None), "there is no Kubernetes '1.20' here"),
        ((None, "docker", None, None), "there is no runtime 'docker' here"),
        ((None, None, None, "big"), "'big' is no size of a disk"),
        ((None, None, None, "-1Gi"), "'-1Gi' is no size of a disk"),
        ((None, None, Path("missing.yaml"), None), "missing.yaml cannot be read: No such file or directory"),
    ],
)
def test_what_makes_no_sense(asked: tuple[str | None, str | None, Path | None, str | None], text: str) -> None:
    with pytest.raises(UsageError) as refused:
        kubelets.asked(*asked)
    assert refused.value.message == text


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("x: [", "cannot be read: while parsing a flow node"),
        ("- 1", "kubelet.yaml: not an object"),
        (FILE + "evictionHard: {}\n", "kubelet.yaml: evictionHard is not supported"),
    ],
)
def test_files_that_are_no_configuration(tmp_path: Path, content: str, text: str) -> None:
    file = tmp_path / "kubelet.yaml"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(UsageError) as refused:
        kubelets.asked(None, None, file, None)
    assert text in refused.value.message


def test_a_configuration_that_does_not_fit_the_release(tmp_path: Path) -> None:
    """Said at once where both are asked for, else when the lab that keeps the one gets the other."""
    file = tmp_path / "kubelet.yaml"
    file.write_text(f"{FILE}imagePullCredentialsVerificationPolicy: AlwaysVerify\n", encoding="utf-8")
    with pytest.raises(UsageError, match="must not be set if KubeletEnsureSecretPulledImages"):
        kubelets.asked("1.34", None, file, None)
    kept = kubelets.asked(None, None, file, None)
    with pytest.raises(UsageError, match="must not be set if KubeletEnsureSecretPulledImages"):
        kubelets.config(Settings(**kept, kubernetes_version="1.34"))
