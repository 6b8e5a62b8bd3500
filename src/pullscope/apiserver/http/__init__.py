"""The HTTP face of the API server, on aiohttp: paths to verbs, bodies to objects, objects to bytes, streams."""
