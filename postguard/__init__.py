"""postguard: the check before a school posts."""

__version__ = "0.1.0"
