"""A persona that runs at another organisation: what may go there, how it can be told whose copy it is, how it
ends."""
