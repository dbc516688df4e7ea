"""Tests of the connector for exports of an invoicing program, and the files they are made of."""
