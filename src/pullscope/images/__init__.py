"""Make images: reproducible layers, configs, manifests and indexes in a blob store; the probe (`probe`)."""
