"""The vocabulary of images, pure: references, digests, documents, media types, platforms, the registry's errors."""
