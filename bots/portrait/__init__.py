"""The persona as a page that people read: what it knows, how sure that is, and what it does not know."""
