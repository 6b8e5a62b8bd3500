"""The registry as OpenShift's internal one: it asks who you are, and looks every image up through its ImageStream.

    cluster  what it asks the API server: tokens, rights, streams
    access   what a request may do, and how a client is told to log in
    app      the application: the same registry behind these two
    pruning  what clients that prune images ask to be removed
    through  images that were imported only: passed through from where they are

An ImageStream is a list of references: when it is deleted, its content stays in the registry, and nothing of it can be
pulled any more. Upstream: openshift/image-registry release 4.22 pkg/dockerregistry/server.
"""
