"""Facts and the roster: who is who. The gallery, its scores, and names in text."""
