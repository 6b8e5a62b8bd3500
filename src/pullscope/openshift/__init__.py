"""The vocabulary of OpenShift, pure: names, the algebra of image streams, image triggers, builds, what a pruning takes."""
