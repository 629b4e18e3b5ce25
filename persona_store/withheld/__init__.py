"""What the subject keeps back: which sentences that is, what stays, and what is still known of the rest."""
