"""Tests of what is about a person."""
