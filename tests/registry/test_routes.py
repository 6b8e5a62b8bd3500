"""Paths: what each means, and that no path means more than it should."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pullscope.oci import reference
from pullscope.registry import routes
from pullscope.registry.routes import Route


@pytest.mark.parametrize(
    ("path", "route"),
    [
        ("/v2/", Route("base")),
        ("/v2/_catalog", Route("catalog")),
        ("/v2/a/tags/list", Route("tags", "a")),
        ("/v2/a/b/manifests/v1", Route("manifest", "a/b", "v1")),
        ("/v2/a/blobs/sha256:x", Route("blob", "a", "sha256:x")),
        ("/v2/a/blobs/uploads/", Route("uploads", "a")),
        ("/v2/a/blobs/uploads", Route("uploads", "a")),
        ("/v2/a/blobs/uploads/id", Route("upload", "a", "id")),
        ("/v2/a/referrers/sha256:x", Route("referrers", "a", "sha256:x")),
        ("/v2/manifests/manifests/manifests", Route("manifest", "manifests", "manifests")),
        ("/v2/a/manifests/b/manifests/v1", Route("manifest", "a/manifests/b", "v1")),
        ("/v2/a/blobs/uploads/blobs/uploads/", Route("uploads", "a/blobs/uploads")),
        ("/v2/tags/list/tags/list", Route("tags", "tags/list")),
        ("/", Route("other")),
        ("/v1/", Route("other")),
        ("/v2", Route("other")),
        ("/v2/a", Route("other")),
        ("/v2/manifests/v1", Route("other")),
        ("/v2/a/manifests/", Route("other")),
        ("/v2/blobs/uploads/", Route("other")),
        ("/v2/a/tags/list/", Route("other")),
    ],
)
def test_endpoints(path: str, route: Route) -> None:
    assert routes.parse(path) == route


@given(
    st.text()
    | st.lists(st.sampled_from(["v2", "a", "blobs", "uploads", "manifests", "tags", "list", "", "..", "x:y"])).map(
        "/".join
    )
)
def test_any_path_has_one_meaning(path: str) -> None:
    route = routes.parse(f"/{path}")
    if reference.is_repository(route.repository) and route.kind in ("manifest", "blob", "referrers"):
        assert (
            routes.parse(
                f"/v2/{route.repository}/{route.kind.replace('ifest', 'ifests').replace('blob', 'blobs')}/{route.reference}"
            )
            == route
        )
