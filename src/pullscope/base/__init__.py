"""What the standard library lacks: the clock, atomic files, the one root of our errors."""
