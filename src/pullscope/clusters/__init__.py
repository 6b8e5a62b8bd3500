"""Talk to any cluster through a kubeconfig: `connect(kubeconfig, context)` gives a `Cluster`, which is a `kube.api.Api`.

`kubeconfig` reads the file with kubernetes_asyncio's loader (exec plugins, OIDC, client certificates, proxies), `cluster`
speaks raw JSON over aiohttp (no typed models), `errors` maps everything that can go wrong, `reflector` keeps a list and
its watch together. Import late: kubernetes_asyncio costs half a second and 40 MB.
"""
