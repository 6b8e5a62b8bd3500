"""crictl, as a word of nodes' toolbox and as the words of `pullscope node`: tables, documents and errors to the letter.

Upstream: cri-tools v1.36 cmd/crictl; its output recorded beside CRI-O 1.37. `command.Crictl` works on a node's CRI services,
whichever they are; `tables`, `documents`, `flags` and `speech` are pure.
"""
