"""Everything that is about a person: matching, planning, and the workflows over all sources."""

__version__ = "0.1.0"
