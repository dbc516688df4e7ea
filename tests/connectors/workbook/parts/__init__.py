"""Tests of the parts of a workbook, and the corpus they use."""
