"""The law: retention, due dates, rules of one's own."""
