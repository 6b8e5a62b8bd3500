"""The proof: make every combination of policy, node and registry happen, observe it, and judge what was seen.

`cases` says what is expected (data), `target` where it is tried, `setup`, `run_case` and `runner` make it happen through
the Kubernetes API and the OCI distribution API alone, `evidence` holds what was seen, `judge` (pure) decides, `report`
prints. Nothing here imports a part of the embedded lab, nor any of the code that decides about images: the same judge
runs on every cluster.
"""
