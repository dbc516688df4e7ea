"""Tests of the card file connector."""
