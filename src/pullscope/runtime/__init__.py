"""Run a container: layers applied to a read-only tree, WASI programs in a sandbox, the toolbox of built-in words."""
