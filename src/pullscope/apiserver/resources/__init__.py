"""The kinds that are served, one file each. `all_kinds` lists them; a new kind is a file here and a line there."""
