"""Paper: the index of a binder and the pictures of its pages."""

from connectors.paper.connector import PaperConnector

__all__ = ["PaperConnector"]
