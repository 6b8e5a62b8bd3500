"""The build controller: starts each build's pod, says how far it is, and starts builds that nobody asked for by hand.

`policies` and `plan` decide, `pods` is what a build's pod looks like, `controller` and `configs` do it.
"""
