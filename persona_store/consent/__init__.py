"""The Subject's recorded, signed, withdrawable yes, and the one place that decides what it covers."""
