"""A Batch becomes a str. Nothing here decides, prints, or touches a disk."""
