"""Built-in programs over a container's root: what `exec` and shells are made of in the embedded runtime."""
