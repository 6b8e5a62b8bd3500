"""Parts of an object with a path of their own: status, scale, log, binding and the like, one file each."""
