"""OpenShift's own names: hosts, annotations, labels. One home for each.

Upstream: github.com/openshift/api (image/v1, build/v1, project/v1, security/v1) and openshift/library-go, release 4.22.
"""

INTERNAL_REGISTRY = "image-registry.openshift-image-registry.svc:5000"
"""The internal registry as nodes and builds name it."""

ROUTE = "default-route-openshift-image-registry.apps-crc.testing"
"""The host of the internal registry's route on OpenShift Local."""

TRIGGERS = "image.openshift.io/triggers"
REPOSITORY_CHECK = "openshift.io/image.dockerRepositoryCheck"
LAYERS_ORDER = "image.openshift.io/dockerLayersOrder"
MANAGED_IMAGE = "openshift.io/image.managed"

BUILD_CONFIG_NAME = "openshift.io/build-config.name"
BUILD_NUMBER = "openshift.io/build.number"
BUILD_POD_NAME = "openshift.io/build.pod-name"
BUILD_NAME = "openshift.io/build.name"
BUILD_START_POLICY = "openshift.io/build.start-policy"
LEGACY_BUILD_CONFIG = "buildconfig"
BUILD_CLONE_OF = "openshift.io/build.clone-of"
BUILD_CONFIG_PAUSED = "openshift.io/build-config.paused"
OF_RUN = frozenset({BUILD_NUMBER, BUILD_POD_NAME})
"""Annotations that speak of one build alone: a clone has its own."""
