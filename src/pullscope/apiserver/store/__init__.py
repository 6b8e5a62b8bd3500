"""Where objects live: one revision counter, one cache of encoded bytes, one window of history for watches, one file.

Reads come from memory and never wait. A write is checked against what is committed, numbered, committed (to SQLite in a
worker thread, all waiting writers in one transaction; without a file at once) and only then seen by readers and watches.

    records    the values: Key, Stored, Event, Bookmark, Listing
    cache      all current objects, with indexes by namespace, node and owner
    history    the last changes, and the watches that follow them
    views      decoded objects for those who only look
    database   the state file: SQLite, WAL, synchronous FULL
    commits    group commit: many writers, one transaction
    store      `Store`, the one face that the API server uses

The model is kine's (k3s-io/kine caf3270) and etcd's: kubernetes v1.36 staging/src/k8s.io/apiserver/pkg/storage.
"""
