"""Tests of the connector for CSV tables, and what other tests borrow from them."""
