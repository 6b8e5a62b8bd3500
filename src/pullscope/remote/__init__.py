"""Talk to any registry: requests with their authentication (`transport`), the API's verbs (`client`), images (`transfer`).

Every failure is one of `errors`' tree, which keeps apart what a caller must tell apart; no exception of the HTTP library
leaves this package. Sessions belong to the caller: nothing here opens or closes one.
"""
