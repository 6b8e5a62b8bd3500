"""Manifests instead of a cluster: what each state of node and registry would lead to, what is risky, and what mends that.

reading    files and YAML as places: values that know their line
manifests  the containers of whatever makes pods [pure]
spelling   an imagePullPolicy that nobody will read [pure]
risks      what can go wrong, one function each [pure]
ways       a container's ways through the flowchart [pure]
planning   all of these together: `Planned` [pure]
against    the same on a cluster: what its nodes and registries would lead to
report/    tables, JSON, JUnit, Markdown
"""
