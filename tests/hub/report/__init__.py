"""The nightly report: its findings, its history, its page, and the nightly run."""
