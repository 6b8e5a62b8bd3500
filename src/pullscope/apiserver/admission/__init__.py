"""What is asked and added between a request and the handler: upstream's admission plugins, one file each.

`chain` calls them in upstream's order. Those that decide are pure and get the objects that they look at.
"""
