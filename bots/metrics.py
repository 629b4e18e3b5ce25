"""What an operator can count and time; the only file that knows `prometheus_client`.

docs/metrics.md lists every one of them and a test holds it to that. Labels are from closed, small sets: no person,
chat or persona is ever one (they would leak and multiply).
"""

from __future__ import annotations

from datetime import datetime

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from persona_store.protocols import Backlog

QUICK = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
"""Buckets in seconds around the goals: milliseconds for a job, 3 s until a platform thinks us dead."""


class Metrics:
    """Counted with `metrics.events.labels("slack", "kept").inc()`. Has a registry of its own, so that two bots in
    one process (tests) do not count into each other."""

    CONTENT_TYPE = CONTENT_TYPE_LATEST

    def __init__(self, version: str = "") -> None:
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        self._gauge("build", "Always 1; the label tells which version runs.", "version").labels(version).set(1)
        self.events = self._counter(
            "events", "Events taken from a platform: kept or duplicate.", "platform", "result"
        )
        self.questions = self._counter(
            "questions",
            "Questions by outcome: answered, private_offer, escalated or declined.",
            "platform",
            "outcome",
        )
        self.model_answers = self._counter(
            "model_answers",
            "Answers a model was wanted for: written, partly, unsaid, unusable, failed or unnamed.",
            "result",
        )
        self.meanings = self._counter(
            "meanings",
            "Questions whose vector was wanted: found, late, failed, unnamed or refused.",
            "result",
        )
        self.posts = self._counter(
            "posts", "Posts by fate: placed, put_off (to be tried again) or dead.", "platform", "result"
        )
        self.letters = self._counter(
            "letters", "Letters by fate: sent, put_off (to be tried again) or dead.", "result"
        )
        self.denials = self._counter("denials", "Times consent or a persona's state said no, by code.", "code")
        self.jobs = self._counter(
            "jobs", "Jobs by end: done, retried, lost (overtaken by another worker) or dead.", "kind", "result"
        )
        self.job_seconds = self._histogram("job_seconds", "Working time of one job.", "kind")
        self.connected = self._gauge(
            "adapter_connected", "Whether a platform is connected (1) or not (0).", "platform"
        )
        self._open = self._gauge("escalations_open", "Escalations that wait for a human now.")
        self._waiting = self._gauge("jobs_waiting", "Jobs that wait to be done.")
        self._age = self._gauge("backlog_age_seconds", "Age of the oldest job that waits.")

    def backlog(self, backlog: Backlog, open_escalations: int, now: datetime) -> None:
        """Show what waits in the store, for us and for humans."""
        self._open.set(open_escalations)
        self._waiting.set(backlog.waiting)
        self._age.set((now - backlog.oldest).total_seconds() if backlog.oldest else 0)

    def names(self) -> tuple[str, ...]:
        """Every metric of ours, as Prometheus will call it."""
        families = (family for family in self._registry.collect() if family.name.startswith("understudy_"))
        return tuple(f"{family.name}_total" if family.type == "counter" else family.name for family in families)

    def text(self) -> bytes:
        """All of them in Prometheus' text format."""
        return generate_latest(self._registry)

    def _counter(self, name: str, meaning: str, *labels: str) -> Counter:
        return Counter(f"understudy_{name}", meaning, labels, registry=self._registry)

    def _gauge(self, name: str, meaning: str, *labels: str) -> Gauge:
        return Gauge(f"understudy_{name}", meaning, labels, registry=self._registry)

    def _histogram(self, name: str, meaning: str, *labels: str) -> Histogram:
        return Histogram(f"understudy_{name}", meaning, labels, registry=self._registry, buckets=QUICK)
