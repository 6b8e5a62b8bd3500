"""What the API server does with a pod's spec, wherever it stands: in a pod or in a template.

`defaults` fills it in, `containers` and `validation` check it, `updates` says what may change in a living pod, `qos`
computes its class. All pure.
"""
