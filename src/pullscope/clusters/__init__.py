"""Talk to any cluster through a kubeconfig: `connect(kubeconfig, context)` gives a `Cluster`, which is a `kube.api.Api`.

`kubeconfig` reads the file, `execplugins` asks exec plugins, `plugins` OIDC providers through kubernetes_asyncio (imported
only then: half a second and 40 MB), `cluster` speaks raw JSON over aiohttp (no typed models), `errors` maps everything that can go
wrong, `reflector` keeps a list and its watch together.
"""
