"""Contacts on a CardDAV server, iCloud's among them."""

from connectors.carddav.connector import CarddavConnector, IcloudConnector

__all__ = ["CarddavConnector", "IcloudConnector"]
