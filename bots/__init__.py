"""Decides, speaks and wires: the only package that knows both the platforms and the store."""
