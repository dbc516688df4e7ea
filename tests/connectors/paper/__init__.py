"""Tests of the paper binder's index."""
