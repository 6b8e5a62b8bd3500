"""A lab with a namespace that has an old image in it, and clusters as different users see them."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml

from pullscope.testing.lab import Lab
from pullscope.why.collect import rbac

NAMESPACE = "why-collect"


@pytest.fixture(scope="module")
def lab(pullscope_lab: Lab) -> Iterator[Lab]:
    """Deployment app in NAMESPACE runs what app:v1 meant before it was pushed again."""
    lab = pullscope_lab
    lab.push({"old.war": b"why"}, "why-collect/app:v1")
    lab.kubectl("create", "namespace", NAMESPACE)
    lab.kubectl("-n", NAMESPACE, "create", "deployment", "app", f"--image={lab.registry}/why-collect/app:v1")
    lab.kubectl("-n", NAMESPACE, "rollout", "status", "deployment/app", "--timeout=30s")
    lab.push({"new.war": b"why"}, "why-collect/app:v1")
    lab.kubectl("apply", "-n", NAMESPACE, "-f", "-", stdin=rbac.MANIFESTS)
    yield lab
    lab.kubectl("delete", "-n", NAMESPACE, "-f", "-", stdin=rbac.MANIFESTS)
    lab.delete_namespace(NAMESPACE)


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
