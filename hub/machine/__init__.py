"""The machine underneath: its processors, memory, folders and files; nothing here knows of a person."""
