"""The vocabulary of Kubernetes, pure: objects are plain JSON dicts, everything else is a value or a function of them."""
