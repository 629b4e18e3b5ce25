"""What each part brings: parts of the search and the answerer that can be taken out, each by one switch.

A switch replaces a name in the module that uses it, for as long as it is on. What a version does not have is not
switched off in it, and not in the table.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from importlib import import_module
from typing import Any
from unittest.mock import patch

from persona_store.model import Findings
from persona_store.ranking import weights

LOOSE = "episodes (each message stands alone)"
Switch = tuple[str, Any]


def _unruled(chance: float, seen: Mapping[str, float]) -> float:
    return chance


def _as_found(found: Findings, *rest: Any) -> Findings:
    return found


def _nothing(*args: Any, **more: Any) -> dict[int, float]:
    return {}


def _no_number(*args: Any) -> float:
    return 0.0


def _without(*kinds: str) -> Callable[[], dict[str, float]]:
    """The fitted order without some kinds of closeness."""
    return lambda: {name: weight for name, weight in weights().items() if not name.startswith(kinds)}


ABLATIONS: dict[str, tuple[Switch, ...]] = {
    "the fitted order (first stage only: BM25 and cosine)": (
        ("persona_store.ranking.CLOSELY", 1),
        ("persona_store.ranking.DEEPER", 1),
    ),
    "the likelihood of the whole episode": (("persona_store.ranking.likelihood", _no_number),),
    "expansion by the best matches": (("persona_store.ranking.expansion", _nothing),),
    "the rules outside the calibrator": (("bots.agent.extractive.ruled", _unruled),),
    "superseding": (("bots.agent.extractive.newest", _as_found),),
    "likeness to a thread's first message": (("persona_store.ranking.weights", _without("lead")),),
    "letters and neighbourhood": (("persona_store.ranking.weights", _without("grams", "phrases", "proximity")),),
    LOOSE: (),
}


def switched_off(what: str, stack: ExitStack) -> bool:
    """Whether there was something to switch off."""
    switches = ABLATIONS[what]
    if not all(map(_is_there, (name for name, _ in switches))):
        return False
    for name, value in switches:
        stack.enter_context(patch(name, value))
    return True


def _is_there(name: str) -> bool:
    module, _, attribute = name.rpartition(".")
    found: Callable[..., Any] | None = getattr(import_module(module), attribute, None)
    return found is not None
