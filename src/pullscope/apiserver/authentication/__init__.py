"""Who asks?

tokens           bearer tokens that were handed out, each with its user
signatures       JSON web tokens: signed and verified, ES256
account_tokens   service accounts' tokens: what they claim, and whether it still holds
authenticator    all ways in together
impersonation    a user who acts as another
"""
