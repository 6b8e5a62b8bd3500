"""What the server knows of the types that it serves: their fields, merge keys, list types and wire formats.

The data is taken from public packages and kept here as files; nothing of it is in memory before it is asked for.

    protobuf   the tables by which protobuf bodies are decoded
"""
