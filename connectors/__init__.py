"""Everything that touches the outside world: one connector per kind of register."""
