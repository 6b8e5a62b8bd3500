"""A lab for tests, inside the process of the tests: `with lab.running() as cluster`, and the pytest fixtures on top of it.

`background` keeps a lab at work in a thread with an event loop of its own, so that whoever waits in the foreground (a test,
a client library, a program such as kubectl) keeps nobody waiting there. `lab` is what tests see; all of it is blocking.
`pullscope.pytest_plugin` makes fixtures of it.
"""
