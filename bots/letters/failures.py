"""What goes wrong on a letter's way."""

from __future__ import annotations


class Undelivered(Exception):
    """One line that names the server and no address. `final`: it will never be taken, trying again is in vain."""

    def __init__(self, what: str, *, final: bool = False, fix: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.final = final
        self.fix = fix
