"""BuildConfigs. How they are kept: `builds.storing`.

Upstream: openshift-apiserver 4.22 pkg/build/apiserver/registry/buildconfig.
"""

from dataclasses import replace

from pullscope.apiserver.builds import instantiating, storing

KIND = replace(
    storing.CONFIG,
    subresources={
        "instantiate": instantiating.INSTANTIATE,
        "instantiatebinary": instantiating.INSTANTIATE_BINARY,
    },
)
