"""Paid use of a persona: who pays, what is counted, when it stops, what people are told of it."""
