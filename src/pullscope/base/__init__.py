"""What the standard library lacks: the clock, task groups, atomic files, the one root of our errors."""
