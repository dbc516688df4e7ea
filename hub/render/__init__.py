"""Every result as text for the terminal, as JSON for programs, and as a page for the person."""
