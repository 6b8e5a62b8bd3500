"""What users write after `pullscope why`."""

import pytest

from pullscope.base.errors import UsageError
from pullscope.why.collect import scope


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("deploy/app", "Deployment"),
        ("deployments/app", "Deployment"),
        ("Deployment/app", "Deployment"),
        ("deployment.apps/app", "Deployment"),
        ("deployments.apps/app", "Deployment"),
        ("po/app", "Pod"),
        ("rs/app", "ReplicaSet"),
        ("sts/app", "StatefulSet"),
        ("ds/app", "DaemonSet"),
        ("job/app", "Job"),
        ("cj/app", "CronJob"),
        ("rc/app", "ReplicationController"),
        ("dc/app", "DeploymentConfig"),
    ],
)
def test_kinds_by_their_names(text: str, kind: str) -> None:
    (named,) = scope.names([text])
    assert (named.kind.kind, named.name) == (kind, "app")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("app", "'app' is not KIND/NAME"),
        ("deploy/", "'deploy/' is not KIND/NAME"),
        ("deploy/a/b", "'deploy/a/b' is not KIND/NAME"),
        ("svc/app", "'svc' is no kind that has pods"),
        ("/app", "'' is no kind that has pods"),
    ],
)
def test_what_is_refused(text: str, why: str) -> None:
    with pytest.raises(UsageError, match=why) as refused:
        scope.names([text])
    assert refused.value.hint
