"""Who manages which field: metadata.managedFields, and server-side apply. Pure; the schema of a kind comes from the caller.

    schema      what must be known of a type (protocols)
    elements    the steps of a path: `f:spec`, `k:{"name":"app"}`, `v:"x"`
    sets        sets of paths, in the very form of FieldsV1
    compare     which fields differ between two objects
    typed       which fields an applied configuration names, and what is wrong with it
    merging     a configuration merged into an object; items taken out of one
    entries     managedFields as values
    updates     what a create, update or patch takes over
    shapes      what the fields of a new object depend on
    applies     server-side apply
    conflicts   upstream's words for a conflict
    clientside  how `kubectl apply` turns from client-side to server-side

Upstream: sigs.k8s.io/structured-merge-diff v6 and k8s.io/apimachinery v0.36 pkg/util/managedfields. One version of a kind is
served, so no manager's fields are ever converted between versions.
"""
