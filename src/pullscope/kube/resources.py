"""Which resources Pullscope knows by name. One constant each: group, version, plural, kind, scope.

Upstream: the REST mappings of k8s.io/api v0.36. The API server adds to each what it serves (columns, storage, validation)
in `apiserver/resources/`; controllers, the node and `verify` use the constants alone.
"""

import functools
from dataclasses import dataclass


@dataclass(frozen=True)
class Resource:
    """One REST resource. `group` is empty for the core group; `singular` is what discovery and the CLI print."""

    group: str
    version: str
    plural: str
    kind: str
    namespaced: bool = True
    short_names: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()

    @property
    def singular(self) -> str:
        return self.kind.lower()

    @functools.cached_property
    def api_version(self) -> str:
        """The `apiVersion` field of its objects: `v1`, `apps/v1`."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @functools.cached_property
    def qualified(self) -> str:
        """The name that Status messages use: `pods`, `deployments.apps`."""
        return f"{self.plural}.{self.group}" if self.group else self.plural

    def path(self, namespace: str | None = None, name: str | None = None) -> str:
        """The URL path of the collection or of one object; `namespace` None means all of them."""
        parts = ["apis", self.group, self.version] if self.group else ["api", self.version]
        if namespace is not None and self.namespaced:
            parts += ["namespaces", namespace]
        parts.append(self.plural)
        if name is not None:
            parts.append(name)
        return "/" + "/".join(parts)


ALL = ("all",)

NAMESPACES = Resource("", "v1", "namespaces", "Namespace", namespaced=False, short_names=("ns",))
NODES = Resource("", "v1", "nodes", "Node", namespaced=False, short_names=("no",))
PODS = Resource("", "v1", "pods", "Pod", short_names=("po",), categories=ALL)
EVENTS = Resource("", "v1", "events", "Event", short_names=("ev",))
SECRETS = Resource("", "v1", "secrets", "Secret")
LIMIT_RANGES = Resource("", "v1", "limitranges", "LimitRange", short_names=("limits",))
RESOURCE_QUOTAS = Resource("", "v1", "resourcequotas", "ResourceQuota", short_names=("quota",))
CONFIG_MAPS = Resource("", "v1", "configmaps", "ConfigMap", short_names=("cm",))
SERVICES = Resource("", "v1", "services", "Service", short_names=("svc",), categories=ALL)
SERVICE_ACCOUNTS = Resource("", "v1", "serviceaccounts", "ServiceAccount", short_names=("sa",))
DEPLOYMENTS = Resource("apps", "v1", "deployments", "Deployment", short_names=("deploy",), categories=ALL)
REPLICA_SETS = Resource("apps", "v1", "replicasets", "ReplicaSet", short_names=("rs",), categories=ALL)
DAEMON_SETS = Resource("apps", "v1", "daemonsets", "DaemonSet", short_names=("ds",), categories=ALL)
CONTROLLER_REVISIONS = Resource("apps", "v1", "controllerrevisions", "ControllerRevision")
JOBS = Resource("batch", "v1", "jobs", "Job", categories=ALL)
CRON_JOBS = Resource("batch", "v1", "cronjobs", "CronJob", short_names=("cj",), categories=ALL)
STATEFUL_SETS = Resource("apps", "v1", "statefulsets", "StatefulSet", short_names=("sts",), categories=ALL)
REPLICATION_CONTROLLERS = Resource(
    "", "v1", "replicationcontrollers", "ReplicationController", short_names=("rc",), categories=ALL
)
DEPLOYMENT_CONFIGS = Resource(
    "apps.openshift.io", "v1", "deploymentconfigs", "DeploymentConfig", short_names=("dc",), categories=ALL
)
ENDPOINTS = Resource("", "v1", "endpoints", "Endpoints", short_names=("ep",))
ENDPOINT_SLICES = Resource("discovery.k8s.io", "v1", "endpointslices", "EndpointSlice")
LEASES = Resource("coordination.k8s.io", "v1", "leases", "Lease")
PRIORITY_CLASSES = Resource(
    "scheduling.k8s.io", "v1", "priorityclasses", "PriorityClass", namespaced=False, short_names=("pc",)
)
ROLES = Resource("rbac.authorization.k8s.io", "v1", "roles", "Role")
ROLE_BINDINGS = Resource("rbac.authorization.k8s.io", "v1", "rolebindings", "RoleBinding")
CLUSTER_ROLES = Resource("rbac.authorization.k8s.io", "v1", "clusterroles", "ClusterRole", namespaced=False)
CLUSTER_ROLE_BINDINGS = Resource(
    "rbac.authorization.k8s.io", "v1", "clusterrolebindings", "ClusterRoleBinding", namespaced=False
)
PROJECTS = Resource("project.openshift.io", "v1", "projects", "Project", namespaced=False)
PROJECT_REQUESTS = Resource("project.openshift.io", "v1", "projectrequests", "ProjectRequest", namespaced=False)
IMAGES = Resource("image.openshift.io", "v1", "images", "Image", namespaced=False)
IMAGE_STREAMS = Resource("image.openshift.io", "v1", "imagestreams", "ImageStream", short_names=("is",), categories=ALL)
IMAGE_STREAM_TAGS = Resource("image.openshift.io", "v1", "imagestreamtags", "ImageStreamTag", short_names=("istag",))
IMAGE_TAGS = Resource("image.openshift.io", "v1", "imagetags", "ImageTag", short_names=("itag",))
IMAGE_STREAM_IMAGES = Resource(
    "image.openshift.io", "v1", "imagestreamimages", "ImageStreamImage", short_names=("isimage",)
)
IMAGE_STREAM_IMPORTS = Resource("image.openshift.io", "v1", "imagestreamimports", "ImageStreamImport")
IMAGE_STREAM_MAPPINGS = Resource("image.openshift.io", "v1", "imagestreammappings", "ImageStreamMapping")
BUILD_CONFIGS = Resource("build.openshift.io", "v1", "buildconfigs", "BuildConfig", short_names=("bc",), categories=ALL)
BUILDS = Resource("build.openshift.io", "v1", "builds", "Build", categories=ALL)
TEMPLATES = Resource("template.openshift.io", "v1", "templates", "Template")
USERS = Resource("user.openshift.io", "v1", "users", "User", namespaced=False)
OAUTH_ACCESS_TOKENS = Resource("oauth.openshift.io", "v1", "oauthaccesstokens", "OAuthAccessToken", namespaced=False)
USER_OAUTH_ACCESS_TOKENS = Resource(
    "oauth.openshift.io", "v1", "useroauthaccesstokens", "UserOAuthAccessToken", namespaced=False
)
CLUSTER_VERSIONS = Resource("config.openshift.io", "v1", "clusterversions", "ClusterVersion", namespaced=False)
IMAGE_DIGEST_MIRROR_SETS = Resource(
    "config.openshift.io",
    "v1",
    "imagedigestmirrorsets",
    "ImageDigestMirrorSet",
    namespaced=False,
    short_names=("idms",),
)
IMAGE_TAG_MIRROR_SETS = Resource(
    "config.openshift.io", "v1", "imagetagmirrorsets", "ImageTagMirrorSet", namespaced=False, short_names=("itms",)
)
TOKEN_REVIEWS = Resource("authentication.k8s.io", "v1", "tokenreviews", "TokenReview", namespaced=False)
SECURITY_CONTEXT_CONSTRAINTS = Resource(
    "security.openshift.io", "v1", "securitycontextconstraints", "SecurityContextConstraints", namespaced=False
)
SELF_SUBJECT_ACCESS_REVIEWS = Resource(
    "authorization.k8s.io", "v1", "selfsubjectaccessreviews", "SelfSubjectAccessReview", namespaced=False
)
SUBJECT_ACCESS_REVIEWS = Resource(
    "authorization.k8s.io", "v1", "subjectaccessreviews", "SubjectAccessReview", namespaced=False
)
