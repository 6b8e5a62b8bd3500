"""Pullscope: which image will my pod really run, and why?"""

__version__ = "0.1.0"
