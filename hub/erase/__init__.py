"""Changing the registers: a person erased, a value put right, an erase taken back; planned, approved, written, read again."""
