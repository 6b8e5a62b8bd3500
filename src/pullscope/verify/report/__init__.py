"""A run in print: `table` and `wide` for people, `document` for programs, `markdown` for tickets.

`rows` and `sections` hold what is said, once; the others say it in their form.
"""
