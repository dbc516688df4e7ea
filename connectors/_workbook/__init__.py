"""Workbooks (.xlsx, .xlsm) for every register that is one: read, and erased from by changing only the person's bytes."""
