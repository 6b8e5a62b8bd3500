"""The job controller: pods until enough of them have succeeded, or too many failed.

Every pod carries a finalizer until the job's status has counted it, so that none is counted twice or never. `facts` reads
jobs and their pods, `indexes` is the arithmetic of completion indexes, `failures` the back-off between failing pods, `pods`
makes pods, `sizing` says how many there shall be, `counting` what the status counts, `outcome` whether the job is over,
`plan` puts them together, `controller` is the loop.
Upstream: pkg/controller/job, v1.36.
"""
