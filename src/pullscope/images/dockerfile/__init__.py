"""Dockerfiles, as far as they can be built without running anything: read here, built by `images`.

`lines` finds the instructions, `words` knows quotes and variables, `steps` says what they mean, `globs` and `ignore` which
files are meant. All of it is pure. Upstream: moby/buildkit frontend/dockerfile (parser, instructions, shell), v0.24.
"""
