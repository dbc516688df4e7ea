"""Contact cards in files: one .vcf with many cards, or a folder of them."""

from connectors.vcard.connector import VcardConnector

__all__ = ["VcardConnector"]
