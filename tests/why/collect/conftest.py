"""A lab with a namespace that has an old image in it, and clusters as different users see them."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml

from pullscope.lab.config import LabConfig
from pullscope.testing import lab as labs
from pullscope.testing.lab import Lab
from pullscope.why.collect import rbac

NAMESPACE = "shop"


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    """Deployment app in namespace shop runs what app:v1 meant before it was pushed again."""
    with labs.running(LabConfig(nodes=2)) as running:
        running.push("old.war", "demo/app:v1")
        running.kubectl("create", "namespace", NAMESPACE)
        running.kubectl("-n", NAMESPACE, "create", "deployment", "app", f"--image={running.registry}/demo/app:v1")
        running.kubectl("-n", NAMESPACE, "rollout", "status", "deployment/app", "--timeout=30s")
        running.push("new.war", "demo/app:v1")
        running.kubectl("apply", "-n", NAMESPACE, "-f", "-", stdin=rbac.MANIFESTS)
        yield running


As = Callable[..., Path]


@pytest.fixture
def allowed(lab: Lab, tmp_path: Path) -> As:
    """A kubeconfig of a new service account that has these roles of `--print-rbac` and nothing else."""

    def kubeconfig(name: str, *roles: str) -> Path:
        lab.kubectl("-n", NAMESPACE, "create", "serviceaccount", name)
        account = f"--serviceaccount={NAMESPACE}:{name}"
        lab.kubectl("-n", NAMESPACE, "create", "rolebinding", name, f"--role={rbac.NAMESPACE_ROLE}", account)
        for role in roles:
            lab.kubectl("create", "clusterrolebinding", f"{name}-{role}", f"--clusterrole={role}", account)
        config = yaml.safe_load(lab.kubeconfig.read_text())
        for user in config["users"]:
            user["user"] = {"token": lab.kubectl("-n", NAMESPACE, "create", "token", name).strip()}
        path = tmp_path / f"{name}.yaml"
        path.write_text(yaml.safe_dump(config))
        return path

    return kubeconfig
