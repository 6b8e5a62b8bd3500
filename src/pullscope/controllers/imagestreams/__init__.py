"""What keeps image streams and what follows them current: imports of tags, and image triggers of workloads."""
