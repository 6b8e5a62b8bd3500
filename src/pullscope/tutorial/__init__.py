"""The tutorial as a program: the walk and the six cases by hand, command by command, on a throw-away lab.

`walk` and `cases` are the steps as data (docs/tutorial.md is the same in prose, and a test compares them), `samples` the files
that they need, `performance` does them, `client` runs the commands, `screen` shows what happens.
"""
