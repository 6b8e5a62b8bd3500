"""Be the Kubernetes API: the store, the schemas, resources, discovery, authentication and the HTTP face of it all."""
