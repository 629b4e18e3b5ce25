"""The owner's working day: nobody is woken for a question, and deadlines count waking hours. Pure."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from msgspec import Struct

from persona_store.model import PersonaRules


class Hours(Struct, frozen=True):
    """Quiet from `start` to `end` in `zone`; equal times mean never quiet."""

    start: time
    end: time
    zone: str

    def quiet(self, now: datetime) -> bool:
        local = now.astimezone(zone(self.zone)).time()
        if self.start <= self.end:
            return self.start <= local < self.end
        return local >= self.start or local < self.end

    def next_waking(self, now: datetime) -> datetime:
        """`now` itself when it is not quiet, else the end of the quiet time."""
        if not self.quiet(now):
            return now
        local = now.astimezone(zone(self.zone))
        end = local.replace(hour=self.end.hour, minute=self.end.minute, second=0, microsecond=0)
        if end <= local:
            end += timedelta(days=1)
        return end.astimezone(now.tzinfo)

    def after(self, now: datetime, hours: float) -> datetime:
        """`hours` of waking time from `now`. In quarter hours, which is as exact as a promise should be."""
        at, left = self.next_waking(now), timedelta(hours=hours)
        step = timedelta(minutes=15)
        while left > timedelta(0):
            stride = min(step, left)
            at = self.next_waking(at + stride)
            left -= stride
        return at


def hours_of(rules: PersonaRules, platform_zone: str = "") -> Hours:
    """What the admin set, else the platform's time zone of the owner, else UTC."""
    place = rules.timezone or platform_zone or "UTC"
    return Hours(time.fromisoformat(rules.quiet_from), time.fromisoformat(rules.quiet_to), place)


def zone(name: str) -> ZoneInfo:
    """What a platform calls a time zone need not be one: then UTC, rather than no answer at all."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")
