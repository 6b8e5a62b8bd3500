"""Builds. How they are kept: `builds.storing`.

Upstream: openshift-apiserver 4.22 pkg/build/apiserver/registry/build.
"""

from dataclasses import replace

from pullscope.apiserver.builds import details, instantiating, logs, storing

KIND = replace(
    storing.BUILD,
    subresources={"clone": instantiating.CLONE, "details": details.SUBRESOURCE, "log": logs.SUBRESOURCE},
)
