"""What postguard talks about. Values and pure functions only: no disk, no clock, no pixels."""
