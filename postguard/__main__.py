"""`python -m postguard` is `postguard`."""

from postguard.cli import main

main()
