"""Why does this image run? A diagnosis of containers on a live cluster, read-only. Nothing here changes a cluster.

facts      what was seen (values; a file of them can be judged elsewhere)
collect/   seeing it: pods, nodes, registries, image streams, each as far as the rights go
identity   whether two digests are the same image [pure]
world      the facts, made ready to be looked up [pure]
case       one container: what it shall run and what it runs, side by side [pure]
rules/     one cause a file: facts of a container in, a cause or nothing out [pure]
mends      the commands that mend, as typed in a shell; remedies are those that make a pull succeed [pure]
forecast   what the next pod would get on each node [pure]
judge      the verdict on each container, its causes ranked [pure]
findings   what the judge says (values)
report/    findings as tables, JSON, JUnit, Markdown, HTML
plan       manifests instead of a cluster: what each state of node and registry would lead to [pure]
"""
