"""The fault matrix: every connector with an automatic erase, cut off at every place where it writes, and gone on with."""
