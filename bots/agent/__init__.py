"""Answering: what to quote, how sure to be, and when to leave it to a human."""
