"""Be a registry: the OCI distribution API v1.1 over a blob store and a catalog, with an access log as evidence.

`store.Registry` holds the rules and knows no HTTP; `app.create` makes an aiohttp application of it that opens no port.
One file for each family of requests (`manifests`, `blobs`, `uploads`, `lists`), all reached through `routes.parse`.
Authentication, tokens and faults are no part of it: they wrap the application.
"""
