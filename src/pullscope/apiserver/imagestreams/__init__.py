"""What the kinds of image.openshift.io share: streams and images in the store, and a stream's tags as objects."""
