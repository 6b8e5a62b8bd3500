"""Accept headers, URL paths, tokens: texts that decide what happens."""

import pytest

from pullscope.apiserver import discovery, negotiation, options, paths
from pullscope.apiserver.negotiation import Form
from pullscope.apiserver.paths import GroupPath, ResourcePath, RootPath, VersionPath
from pullscope.kube.api import DeleteOptions
from pullscope.kube.status import ApiError


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, Form()),
        ("*/*", Form()),
        ("application/json, */*", Form()),
        ("application/vnd.kubernetes.protobuf,application/json", Form()),
        ("application/json;as=Table;v=v1;g=meta.k8s.io,application/json", Form("table")),
        ("application/json;as=Table;v=v2;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io", Form("table", "v1beta1")),
        ("application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io", Form("partial")),
        ("text/html;q=0.9,application/json;q=0.5", Form()),
        ("application/json;q=0.1,application/json;as=Table;v=v1;g=meta.k8s.io", Form("table")),
    ],
)  # fmt: skip
def test_forms(header: str | None, expected: Form) -> None:
    assert negotiation.form(header) == expected


@pytest.mark.parametrize(
    "header", ["text/html", "application/json;q=0", "application/json;as=Chart;v=v1;g=meta.k8s.io"]
)
def test_no_form(header: str) -> None:
    with pytest.raises(ApiError) as raised:
        negotiation.form(header)
    assert raised.value.code == 406


def test_discovery_is_aggregated_for_those_who_ask_first() -> None:
    aggregated = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
    assert discovery.wanted(f"{aggregated},application/json") == "v2"
    assert discovery.wanted(f"application/json,{aggregated}") is None
    assert discovery.wanted("application/json;g=apidiscovery.k8s.io;v=v9;as=APIGroupDiscoveryList") is None


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/", None),
        ("/version", None),
        ("/api", RootPath(core=True)),
        ("/apis/", RootPath(core=False)),
        ("/apis/apps", GroupPath("apps")),
        ("/api/v1", VersionPath("", "v1")),
        ("/apis/apps/v1", VersionPath("apps", "v1")),
        ("/api/v1/nodes/crc", ResourcePath("", "v1", "nodes", None, "crc")),
        ("/api/v1/namespaces", ResourcePath("", "v1", "namespaces")),
        ("/api/v1/namespaces/x", ResourcePath("", "v1", "namespaces", None, "x")),
        ("/api/v1/namespaces/x/finalize", ResourcePath("", "v1", "namespaces", None, "x", "finalize")),
        ("/api/v1/namespaces/x/pods", ResourcePath("", "v1", "pods", "x")),
        ("/api/v1/namespaces/x/pods/p/log", ResourcePath("", "v1", "pods", "x", "p", "log")),
        ("/api/v1/namespaces/x/pods/p/proxy/a/b", ResourcePath("", "v1", "pods", "x", "p", "proxy", ("a", "b"))),
        ("/apis/apps/v1/deployments", ResourcePath("apps", "v1", "deployments")),
    ],
)
def test_paths(path: str, expected: paths.ApiPath | None) -> None:
    assert paths.parse(path) == expected


def test_delete_options() -> None:
    body = {"gracePeriodSeconds": 0, "preconditions": {"uid": "u", "resourceVersion": "7"}}
    assert options.delete_options(body, {"gracePeriodSeconds": "9"}) == DeleteOptions(0, None, "u", "7")
    assert options.delete_options({}, {"gracePeriodSeconds": "9", "propagationPolicy": "Orphan"}) == DeleteOptions(
        9, "Orphan"
    )
    assert options.delete_options({"orphanDependents": False}).propagation_policy == "Background"
    why = 'propagationPolicy: Invalid value: "Orphan": orphanDependents and deletionPropagation cannot be both set'
    with pytest.raises(ApiError, match=why):
        options.delete_options({"orphanDependents": True, "propagationPolicy": "Orphan"})
    for text in ("x", "1.5", "99999999999999999999"):
        with pytest.raises(ApiError):
            options.delete_options({}, {"gracePeriodSeconds": text})


@pytest.mark.parametrize(
    ("text", "expected"), [("true", True), ("", True), ("1", True), ("false", False), ("0", False)]
)
def test_booleans(text: str, *, expected: bool) -> None:
    assert options.boolean({"watch": text}, "watch") is expected
    assert options.boolean({}, "watch") is False
