"""The rights that a diagnosis takes, at three levels, as manifests to apply. [pure]

Each level is a role of its own, so that whoever gives rights chooses. Nothing in them allows a change.
Upstream: Kubernetes v1.36 plugin/pkg/auth/authorizer/rbac/bootstrappolicy (`view` has what the first level has, secrets
apart), openshift/api release 4.22.
"""

NAMESPACE_ROLE = "pullscope-why"
NODES_ROLE = "pullscope-why-nodes"
KUBELETS_ROLE = "pullscope-why-kubelets"

MANIFESTS = """\
# What `pullscope why` reads. Everything here is get and list (and watch, for --watch); nothing can be changed with it.
#
# 1. A namespace: pods, what made them, events, image streams; service accounts, for `pullscope plan`. The ClusterRole `view` has all of this, too.
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  name: pullscope-why
rules:
- apiGroups: [""]
  resources: [pods, events, replicationcontrollers, serviceaccounts]
  verbs: [get, list, watch]
- apiGroups: [apps]
  resources: [deployments, replicasets, statefulsets, daemonsets]
  verbs: [get, list]
- apiGroups: [batch]
  resources: [jobs, cronjobs]
  verbs: [get, list]
- apiGroups: [apps.openshift.io]
  resources: [deploymentconfigs]
  verbs: [get, list]
- apiGroups: [image.openshift.io]
  resources: [imagestreams, imagestreamtags, imagestreamimages]
  verbs: [get, list]
# To ask private registries with the pods' own credentials, add:
# - apiGroups: [""]
#   resources: [secrets]
#   resourceNames: [NAME-OF-THE-PULL-SECRET]
#   verbs: [get]
---
# 2. Nodes and mirrors: what each node has, and so what the next pod would get there.
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata:
  name: pullscope-why-nodes
rules:
- apiGroups: [""]
  resources: [nodes]
  verbs: [get, list]
- apiGroups: [config.openshift.io]
  resources: [imagedigestmirrorsets, imagetagmirrorsets]
  verbs: [get, list]
- apiGroups: [operator.openshift.io]
  resources: [imagecontentsourcepolicies]
  verbs: [get, list]
---
# 3. The kubelets' settings (/configz): whether credentials are checked again, how many images a node reports.
#    The API server asks for `nodes/proxy`, which lets one read everything that kubelets serve, logs of all pods among it,
#    and may let one run commands: give it to administrators alone. Without it the defaults are taken for granted.
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata:
  name: pullscope-why-kubelets
rules:
- apiGroups: [""]
  resources: [nodes/configz, nodes/proxy]
  verbs: [get]
#
# To bind them, for instance:
#   kubectl -n NAMESPACE create rolebinding pullscope-why --role pullscope-why --user NAME
#   kubectl create clusterrolebinding pullscope-why-nodes --clusterrole pullscope-why-nodes --user NAME
# For all namespaces (-A), give the ClusterRole `view` by a ClusterRoleBinding.
"""
