"""Exports of an invoicing program: customer tables, electronic invoices (Finvoice) and invoice PDFs in one folder."""

from connectors.arkhimedes.connector import ArkhimedesConnector

__all__ = ["ArkhimedesConnector"]
