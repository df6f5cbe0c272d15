"""Files become domain values. Trouble comes back as data, or as one fatal error with a hint."""
