"""What the use of a persona costs: terms, a ledger of what was used, statements, and what is still owed."""
