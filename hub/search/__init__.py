"""Searching: which sources must be asked again, what they answered, and who is in it."""
