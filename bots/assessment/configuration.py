"""Everything about a persona that an assessment is written from, as it is at this moment; data and no judgement."""

from __future__ import annotations

from datetime import date, datetime

from msgspec import Struct

from bots.assessment.footprint import Footprint
from bots.assessment.installation import Installation
from persona_store.consent.record import Consent
from persona_store.model import Persona
from persona_store.papers import Need


class Container(Struct, frozen=True):
    """What was taken from one place, in passages."""

    source: str
    container: str
    passages: int


class Held(Struct, frozen=True):
    """What the persona's material amounts to: numbers and places, no word of it."""

    own: int = 0  # passages in the subject's own words
    others: int = 0  # of others, kept to understand them
    taught: int = 0  # what owners answered, what others described
    private: int = 0  # passages that not the whole team could read where they stood
    first: date | None = None
    last: date | None = None
    containers: tuple[Container, ...] = ()
    facets: dict[str, int] = {}  # statements drawn, by kind
    distilled: bool = False
    withheld: dict[str, int] = {}  # sentences and items kept back, by kind
    rule: dict[str, str] = {}  # category → level that is kept back from now on
    files_out: int = 0  # files that left the installation


class Configuration(Struct, frozen=True):
    """`persona` and `consent` as they stand in the store; `needs`: why an assessment is called for at all."""

    persona: Persona
    consent: Consent
    records: int  # how often the subject has signed
    notice_current: bool  # the notice that was shown is the one shown today
    page_reached: bool  # the subject's page can be opened over a way nobody reads along
    held: Held
    installation: Installation
    needs: tuple[Need, ...]
    reach: Footprint
    version: str  # of this program
    at: datetime

    @property
    def today(self) -> date:
        return self.at.date()
