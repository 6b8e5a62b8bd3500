"""Logging in: OpenShift's OAuth server, as far as `oc login` with a user name and a password needs it. No HTTP in here.

clients     who may ask for tokens, and where their answers may go
pkce        the secret by which a client proves that a code is its own
requests    what is asked with the parameters of a URL or a form, and how a no reads
people      who can log in, and with which password
grants      codes that were handed out, each good for one token
tokens      access tokens: their names, and whose they are
server      all of it together; `http.login` serves it

Upstream: openshift/oauth-server and openshift/osin (release 4.22).
"""
