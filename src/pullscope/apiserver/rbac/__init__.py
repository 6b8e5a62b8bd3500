"""Role-based access control: which rules a user has, and what they let him do.

rules        a PolicyRule and what it allows [pure]
coverage     whether rules give no more than others do [pure]
validation   what is wrong with roles and bindings [pure]
index        all roles and bindings in memory, kept current by the store
authorizer   the answer to every request's question: may this user do this
guard        nobody grants what they do not have
bootstrap    the roles and bindings that a cluster is born with, from `policy.yaml`
"""
