"""Content-addressed blobs: one protocol (`api`), a memory and a disk backend."""
