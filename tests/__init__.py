"""The tests of the register hub."""
