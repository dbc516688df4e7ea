"""CardDAV against real servers and a front that behaves as Apple is reported to."""
