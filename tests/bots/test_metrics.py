"""Metrics: what is counted comes out in Prometheus' format, under our prefix, and is really counted somewhere."""

from __future__ import annotations

import ast
from datetime import UTC, datetime, timedelta
from pathlib import Path

import bots
from bots.metrics import Metrics
from persona_store.protocols import Backlog

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def test_a_count_comes_out() -> None:
    metrics = Metrics("1.2.3")
    metrics.events.labels("slack", "kept").inc()
    text = metrics.text().decode()
    assert 'understudy_events_total{platform="slack",result="kept"} 1.0' in text
    assert 'understudy_build{version="1.2.3"} 1.0' in text


def test_two_bots_in_one_process_do_not_count_into_each_other() -> None:
    one, two = Metrics(), Metrics()
    one.events.labels("slack", "kept").inc()
    assert "understudy_events_total{" not in two.text().decode()


def test_the_age_of_the_backlog_is_that_of_its_oldest_job() -> None:
    metrics = Metrics()
    metrics.backlog(Backlog(waiting=2, claimed=1, oldest=NOW - timedelta(seconds=90)), 3, NOW)
    assert "understudy_escalations_open 3.0\n" in metrics.text().decode()
    assert "understudy_jobs_waiting 2.0\n" in metrics.text().decode()
    assert "understudy_backlog_age_seconds 90.0\n" in metrics.text().decode()
    metrics.backlog(Backlog(waiting=0, claimed=0, oldest=None), 0, NOW)
    assert "understudy_backlog_age_seconds 0.0\n" in metrics.text().decode()


def test_no_label_can_name_a_person_or_a_chat() -> None:
    """Labels are closed sets: one per person or chat would leak who asks and grow without end."""
    labels = {label for metric in vars(Metrics()).values() for label in getattr(metric, "_labelnames", ())}
    assert labels == {"platform", "result", "outcome", "code", "kind"}


def test_every_metric_is_fed_by_the_program() -> None:
    """A metric nobody counts into would read as a calm system."""
    fed = {
        node.attr
        for path in Path(bots.__file__).parent.rglob("*.py")
        if path.name != "metrics.py"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute)
    }
    declared = {name for name in vars(Metrics()) if not name.startswith("_")} | {"backlog"}
    assert declared - fed == set()
