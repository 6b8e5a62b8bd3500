"""Cases that are told in steps: the vocabulary (`steps`), who does them (`player`), who looks (`looking`), who judges (`judge`).

The rows stand in `verify.cases`, one file for each topic.
"""
