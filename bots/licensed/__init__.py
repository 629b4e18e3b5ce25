"""A persona at another organisation: its record, the pack that goes there, and how it ends there."""
