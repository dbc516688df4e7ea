"""Tests that drive real programs: LibreOffice, Thunderbird."""
