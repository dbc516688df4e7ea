"""Thunderbird's address books: every profile and every book on this machine, read, erased from and searched by value."""

from connectors.thunderbird.connector import ThunderbirdConnector

__all__ = ["ThunderbirdConnector"]
