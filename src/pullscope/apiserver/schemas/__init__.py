"""What the server knows of the types that it serves: their fields, merge keys, list types and wire formats.

The data is taken from public packages and kept here as files; nothing of it is in memory before it is asked for.

    types      the type of a kind: its fields and how they are merged
    decode     an object as its type reads it: unknown fields, wrong types, canonical values
    openapi    the OpenAPI v3 documents
    openapi2   the little of OpenAPI v2 that clients still look for
    protobuf   the tables by which protobuf bodies are decoded
    archive    reads `schemas.zip` and `openshift`, where types and descriptions come from
    openshift  the schemas of OpenShift's kinds, written by hand
    extract    makes `schemas.zip` (development only)
"""
