"""Every decision about an image, pure: given facts and a time, what the kubelet does and why."""
