"""The handover interview: the Subject is asked what their material leaves open, while they are still there."""
