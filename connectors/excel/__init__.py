"""Workbooks (.xlsx, .xlsm): found, read and erased by changing only the bytes that hold the person."""

from connectors.excel.connector import ExcelConnector

__all__ = ["ExcelConnector"]
