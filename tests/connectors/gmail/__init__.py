"""Tests of the gmail connector, against a local stand-in for the People API."""
