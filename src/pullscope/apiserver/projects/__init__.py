"""Projects as views of namespaces.

views        a namespace as a project, a project as a namespace, and who sees which [pure]
following    what becomes of the projects that a user sees
"""
