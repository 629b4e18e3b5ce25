"""Keeping things back: what a rule would take out, the taking out, and what the persona says afterwards."""
