"""A made-up company with every file-based register, and a walk through the whole job on it."""
