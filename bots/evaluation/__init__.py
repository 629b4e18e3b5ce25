"""How far a persona can be trusted, as figures and drawings: pure functions of questions and predictions.

Nothing in here opens a file, asks a persona or looks at a clock; `bots/cli/evaluating.py` does.
"""
