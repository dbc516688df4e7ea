"""Gmail's contacts and "Other contacts", by Google's People API."""

from connectors.gmail.connector import GmailConnector

__all__ = ["GmailConnector"]
