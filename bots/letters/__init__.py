"""Letters to the Subject's private address: what is written, how it looks, and how it gets there."""
