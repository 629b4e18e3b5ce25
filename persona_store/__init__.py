"""Remembers and forgets: personas, consent, evidence, the audit log, and the durable store under them."""
