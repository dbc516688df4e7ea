"""Workbooks (.xlsx, .xlsm): found, read and erased by changing only the bytes that hold the person."""
