"""Deny by default, exhaustively: a generated table, a named row for every rule, and a mutation test that deletes
each condition of the policy in turn and must be caught by the table."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import product
from typing import Any, NamedTuple

import pytest
from msgspec.structs import replace

from persona_store.consent import policy
from persona_store.consent.draft import FACETS, Choices, draft
from persona_store.consent.parsing import parse
from persona_store.consent.policy import Ask, Decision, Origin, Place, allow
from persona_store.consent.record import AudienceGrant, Consent, Facets, Recipient, SourceGrant

SIGNED = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
COOLING = SIGNED + timedelta(days=3)
VALID = SIGNED + timedelta(days=30)
OVER = SIGNED + timedelta(days=200)
HERE = Place("slack", "C1", False)
BOX = Recipient("local-llm", "processor", "CN", 0, False)

BASE = parse(
    draft(
        Choices(
            owner="slack:U1",
            sources=("slack-export", "doc"),
            containers=("C1", "*"),
            first=date(2026, 1, 1),
            last=date(2026, 2, 28),
            audiences=("slack:C1",),
            days=90,
            cooling_off_days=7,
            excluded_containers=("C_hr",),
            excluded_keywords=("薪资", "Salary"),
            excluded_people=("slack:U9",),
            recipients=(BOX,),
        ),
        SIGNED,
    )
)
ITEM = Origin("slack_export", "C1", datetime(2026, 2, 1, tzinfo=UTC), by_subject=True)
REPLY = Origin("correction", "*", VALID, by_subject=False)


class Row(NamedTuple):
    name: str
    consent: Consent | None
    ask: Ask
    code: str
    context_only: bool = False


def item(**changes: Any) -> Ask:
    return Ask("import", VALID, origin=replace(ITEM, **changes))


def say(**changes: Any) -> Ask:
    return Ask("answer", VALID, place=replace(HERE, **changes))


def happened(type: str) -> Consent:
    return replace(BASE, event=replace(BASE.event, type=type))


def facets(*granted: str) -> Facets:
    return Facets(**{facet: facet in granted for facet in FACETS})


def served(*chats: str) -> Consent:
    return replace(BASE, audiences=tuple(AudienceGrant(*chat.split(":")) for chat in chats))


def reading(*containers: str) -> Consent:
    grants = tuple(SourceGrant("slack_export", c, date(2026, 1, 1), date(2026, 2, 28)) for c in containers)
    return replace(BASE, scope=replace(BASE.scope, sources=grants))


def day(year: int, month: int, day: int, *rest: int) -> datetime:
    return datetime(year, month, day, *rest, tzinfo=UTC)


LATER = replace(BASE, term=replace(BASE.term, start=SIGNED + timedelta(days=20)))
UNLEARNT = reading("C1")
OPEN = reading("*")
TWO_SPANS = replace(
    BASE,
    scope=replace(
        BASE.scope,
        sources=(
            SourceGrant("slack_export", "C1", date(2026, 1, 1), date(2026, 1, 10)),
            SourceGrant("slack_export", "C1", date(2026, 2, 1), date(2026, 2, 10)),
        ),
    ),
)

GLOBEX = replace(
    BASE,
    licence=replace(BASE.licence, orgs=("globex",)),
    scope=replace(
        BASE.scope,
        sources=tuple(
            SourceGrant(kind, "*", date(2026, 1, 1), date(2026, 2, 28))
            for kind in ("self_written", "interview", "doc", "mail", "slack_export", "correction")
        ),
    ),
)


def licensed(kind: str = "", org: str = "globex", **changes: Any) -> Ask:
    origin = replace(ITEM, **{"kind": kind, **changes}) if kind else None
    return Ask("license", VALID, recipient=org, origin=origin)


ROWS = [
    # ---- the record itself
    Row("no record", None, say(), "CONSENT_MISSING"),
    Row("the subject declined", happened("refused"), say(), "CONSENT_DECLINED"),
    Row("the subject withdrew", happened("withdrawn"), say(), "CONSENT_WITHDRAWN"),
    Row("a record of expiry", happened("expired"), say(), "CONSENT_EXPIRED"),
    Row("an amendment grants as the first record does", happened("amended"), say(), ""),
    Row("the last second", BASE, replace(say(), now=day(2026, 5, 31, 23, 59, 59)), ""),
    Row("the first second after", BASE, replace(say(), now=day(2026, 6, 1)), "CONSENT_EXPIRED"),
    Row("an expired record imports nothing either", BASE, replace(item(), now=OVER), "CONSENT_EXPIRED"),
    Row("before the term", LATER, Ask("import", SIGNED + timedelta(days=19), origin=ITEM), "CONSENT_NOT_YET"),
    Row("the term's first second", LATER, Ask("import", SIGNED + timedelta(days=20), origin=ITEM), ""),
    # ---- cooling-off: it may be built and previewed, nothing else
    Row("answer while cooling", BASE, replace(say(), now=COOLING), "CONSENT_COOLING"),
    Row("the last second of cooling", BASE, replace(say(), now=day(2026, 3, 9, 8, 59, 59)), "CONSENT_COOLING"),
    Row("the second it is over", BASE, replace(say(), now=day(2026, 3, 9, 9)), ""),
    Row("retrieve while cooling", BASE, Ask("retrieve", COOLING), "CONSENT_COOLING"),
    Row("learn while cooling", BASE, Ask("learn", COOLING), "CONSENT_COOLING"),
    Row("import while cooling", BASE, replace(item(), now=COOLING), ""),
    Row("the subject previews", BASE, Ask("preview", COOLING, role="subject"), ""),
    Row("the owner previews", BASE, Ask("preview", COOLING, role="owner"), ""),
    Row("an admin does not preview", BASE, Ask("preview", COOLING, role="admin"), "CONSENT_PREVIEW"),
    Row("nor when cooling is over", BASE, Ask("preview", VALID, role="deputy"), "CONSENT_PREVIEW"),
    Row("nobody in particular previews", BASE, Ask("preview", COOLING), "CONSENT_UNKNOWN"),
    # ---- what is asked, and whether enough is known to decide
    Row("retrieve", BASE, Ask("retrieve", VALID), ""),
    Row("an action that does not exist", BASE, Ask("evaluate", VALID), "CONSENT_ACTION"),
    Row("it does not exist while cooling either", BASE, Ask("train", COOLING), "CONSENT_ACTION"),
    Row("import of what?", BASE, Ask("import", VALID), "CONSENT_UNKNOWN"),
    Row("answer where?", BASE, Ask("answer", VALID), "CONSENT_UNKNOWN"),
    Row("post where?", BASE, Ask("post", VALID), "CONSENT_UNKNOWN"),
    Row("export to whom?", BASE, Ask("export", VALID), "CONSENT_UNKNOWN"),
    Row("a facet that does not exist", BASE, replace(say(), facet="mood"), "CONSENT_FACET"),
    Row("a facet named like something else", BASE, replace(say(), facet="__class__"), "CONSENT_FACET"),
    # ---- where
    Row("the chat that is listed", BASE, say(), ""),
    Row("another chat", BASE, say(chat="C2"), "CONSENT_AUDIENCE"),
    Row("the same chat id elsewhere", BASE, say(platform="feishu"), "CONSENT_AUDIENCE"),
    Row("a chat listed second", served("slack:C0", "slack:C1"), say(), ""),
    Row("every chat", served("slack:*"), say(chat="C2"), ""),
    Row("every chat of another platform", served("feishu:*"), say(), "CONSENT_AUDIENCE"),
    Row("one-to-one is not among every chat", served("slack:*"), say(direct=True), "CONSENT_AUDIENCE"),
    Row("one-to-one is not reached by the chat's id", served("slack:C1"), say(direct=True), "CONSENT_AUDIENCE"),
    Row("one-to-one", served("slack:dm"), say(chat="D1", direct=True), ""),
    Row("one-to-one on another platform", served("feishu:dm"), say(direct=True), "CONSENT_AUDIENCE"),
    Row("a room that calls itself dm", served("slack:dm"), say(chat="dm"), "CONSENT_AUDIENCE"),
    Row("post is judged as answer", BASE, Ask("post", VALID, place=replace(HERE, chat="C2")), "CONSENT_AUDIENCE"),
    Row("a place is judged whatever the action", BASE, Ask("retrieve", VALID, place=replace(HERE, chat="C2")),
        "CONSENT_AUDIENCE"),
    # ---- to whom
    Row("a listed recipient", BASE, Ask("retrieve", VALID, recipient="local-llm"), ""),
    Row("an unlisted recipient", BASE, Ask("retrieve", VALID, recipient="cloud"), "CONSENT_RECIPIENT"),
    Row("export to a listed recipient", BASE, Ask("export", VALID, recipient="local-llm"), ""),
    Row("no recipients at all", replace(BASE, recipients=()), Ask("export", VALID, recipient="local-llm"),
        "CONSENT_RECIPIENT"),
    Row("one of two recipients", replace(BASE, recipients=(replace(BOX, name="x"), BOX)),
        Ask("export", VALID, recipient="local-llm"), ""),
    # ---- from where
    Row("a listed source", BASE, item(), ""),
    Row("a kind that is not listed", BASE, item(kind="mail"), "CONSENT_SOURCE"),
    Row("a listed kind is not another's container", reading("C1"), item(kind="doc"), "CONSENT_SOURCE"),
    Row("a container that is not listed", reading("C1"), item(container="C2"), "CONSENT_CONTAINER"),
    Row("a container listed second", reading("C1", "C2"), item(container="C2"), ""),
    Row("every container", OPEN, item(container="C2"), ""),
    Row("a private one is not among every", OPEN, item(container="G1", private=True), "CONSENT_PRIVATE"),
    Row("a direct one is not among every", OPEN, item(container="D1", direct=True), "CONSENT_PRIVATE"),
    Row("a container called *", reading("C1"), item(container="*"), "CONSENT_CONTAINER"),
    Row("a private one by its id", reading("G1"), item(container="G1", private=True), ""),
    Row("a direct one by its id", reading("D1"), item(container="D1", private=True, direct=True), ""),
    Row("private and not listed", reading("C1"), item(container="G1", private=True), "CONSENT_PRIVATE"),
    Row("direct and not listed", reading("C1"), item(container="D1", direct=True), "CONSENT_PRIVATE"),
    Row("one second before the first day", BASE, item(at=day(2025, 12, 31, 23, 59, 59)), "CONSENT_DATES"),
    Row("the first second", BASE, item(at=day(2026, 1, 1)), ""),
    Row("the last fraction of the last day", BASE, item(at=day(2026, 2, 28, 23, 59, 59, 999999)), ""),
    Row("one second after the last day", BASE, item(at=day(2026, 3, 1)), "CONSENT_DATES"),
    Row("the second of two spans", TWO_SPANS, item(at=day(2026, 2, 5)), ""),
    Row("between two spans", TWO_SPANS, item(at=day(2026, 1, 20)), "CONSENT_DATES"),
    Row("retrieved from a source that is not listed", BASE, replace(item(kind="mail"), action="retrieve"),
        "CONSENT_SOURCE"),
    # ---- what was excluded
    Row("an excluded chat", BASE, item(container="C_hr"), "CONSENT_EXCLUDED"),
    Row("an excluded person", BASE, item(author="slack:U9"), "CONSENT_EXCLUDED"),
    Row("another person", BASE, item(author="slack:U8"), ""),
    Row("an excluded word", BASE, item(text="我的薪资是多少"), "CONSENT_EXCLUDED"),
    Row("an excluded word in capitals", BASE, item(text="my SALARY"), "CONSENT_EXCLUDED"),
    Row("an excluded word in full width", BASE, item(text="ｓａｌａｒｙ"), "CONSENT_EXCLUDED"),
    Row("other words", BASE, item(text="celery"), ""),
    Row("excluded words of others are no context", BASE, item(by_subject=False, text="salary"), "CONSENT_EXCLUDED"),
    # ---- whose words
    Row("words of others are context", BASE, item(by_subject=False), "", context_only=True),
    Row("and are retrieved as context", BASE, Ask("retrieve", VALID, origin=replace(ITEM, by_subject=False)), "",
        context_only=True),
    Row("and previewed as context", BASE, replace(item(by_subject=False), action="preview", role="owner"), "",
        context_only=True),
    Row("but never said", BASE, replace(say(), origin=replace(ITEM, by_subject=False)), "CONSENT_AUTHOR"),
    Row("nor exported", BASE, Ask("export", VALID, recipient="local-llm", origin=replace(ITEM, by_subject=False)),
        "CONSENT_AUTHOR"),
    Row("the subject's words are said", BASE, replace(say(), origin=ITEM), ""),
    Row("and so is a correction, which is the owner's", BASE, replace(say(), origin=REPLY), ""),
    # ---- to another organisation
    Row("a licence for it", GLOBEX, licensed(), ""),
    Row("a licence for nobody", BASE, licensed(), "CONSENT_ORGANISATION"),
    Row("a licence for somebody else", GLOBEX, licensed(org="initech"), "CONSENT_ORGANISATION"),
    Row("a recipient is no licensee", BASE, licensed(org="local-llm"), "CONSENT_ORGANISATION"),
    Row("a licensee is no recipient", GLOBEX, Ask("export", VALID, recipient="globex"), "CONSENT_RECIPIENT"),
    Row("a licence for whom?", GLOBEX, licensed(org=""), "CONSENT_UNKNOWN"),
    Row("a licence while it cools off", GLOBEX, replace(licensed(), now=COOLING), "CONSENT_COOLING"),
    Row("what one wrote about oneself", GLOBEX, licensed("self_written"), ""),
    Row("an interview", GLOBEX, licensed("interview"), ""),
    Row("an interview the record does not list", replace(GLOBEX, scope=UNLEARNT.scope), licensed("interview"),
        "CONSENT_SOURCE"),
    Row("a document nobody released", GLOBEX, licensed("doc"), "ORIGIN_NOT_RELEASED"),
    Row("mail nobody released", GLOBEX, licensed("mail"), "ORIGIN_NOT_RELEASED"),
    Row("a document that was released", GLOBEX, replace(licensed("doc"), released=True), ""),
    Row("a chat, whatever the record lists", GLOBEX, replace(licensed("slack_export"), released=True),
        "ORIGIN_NOT_LICENSABLE"),
    Row("the owner's replies", GLOBEX, replace(licensed("correction"), released=True), "ORIGIN_NOT_LICENSABLE"),
    Row("somebody else's document", GLOBEX, replace(licensed("doc", by_subject=False), released=True),
        "CONSENT_AUTHOR"),
    # ---- learning
    Row("learn", BASE, Ask("learn", VALID), ""),
    Row("learn a given reply", BASE, Ask("learn", VALID, origin=REPLY), ""),
    Row("learn where corrections are not listed", UNLEARNT, Ask("learn", VALID), "CONSENT_SOURCE"),
    Row("learn from a chat", BASE, Ask("learn", VALID, origin=ITEM), "CONSENT_SOURCE"),
    Row("learn a reply of before the record", BASE, Ask("learn", VALID, origin=replace(REPLY, at=day(2026, 3, 1))),
        "CONSENT_DATES"),
    Row("learn a reply with an excluded word", BASE, Ask("learn", VALID, origin=replace(REPLY, text="薪资 12")),
        "CONSENT_EXCLUDED"),
]  # fmt: skip

TIMES = {SIGNED - timedelta(1): "CONSENT_NOT_YET", COOLING: "CONSENT_COOLING", VALID: "", OVER: "CONSENT_EXPIRED"}
PURPOSES = {"handover_qa": "", "evaluate_people": "CONSENT_PURPOSE", "*": "CONSENT_PURPOSE", "": "CONSENT_PURPOSE"}
PLACES = {
    HERE: "",
    Place("slack", "C2", False): "CONSENT_AUDIENCE",
    Place("slack", "D1", True): "",
    Place("feishu", "C1", False): "CONSENT_AUDIENCE",
}


def generated() -> Iterator[Row]:
    """Every facet granted alone × facet asked × purpose × time × place: allowed only where all four agree."""
    for granted, facet, purpose, now, place in product(FACETS, FACETS, PURPOSES, TIMES, PLACES):
        wrong = [
            TIMES[now], "" if facet == granted else "CONSENT_FACET", PURPOSES[purpose], PLACES[place]
        ]  # fmt: skip
        code = next(filter(None, wrong), "")
        ask = Ask("answer", now, facet=facet, purpose=purpose, place=place)
        yield Row(f"{granted}/{facet}/{purpose}/{now}/{place}", replace(BASE, facets=facets(granted)), ask, code)


TABLE = [*ROWS, *generated()]


def wrong_rows(decide: Callable[[Consent | None, Ask], Any]) -> Iterator[str]:
    for row in TABLE:
        decision = decide(row.consent, row.ask)
        if (decision.ok, decision.code, decision.context_only) != (not row.code, row.code, row.context_only):
            yield f"{row.name}: {decision}"


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_each_rule_decides_as_its_name_says(row: Row) -> None:
    decision = allow(row.consent, row.ask)
    assert (decision.ok, decision.code, decision.context_only) == (not row.code, row.code, row.context_only)


def test_facets_purposes_times_and_audiences_must_all_agree() -> None:
    """The table is generated from the closed lists of the schema, so it grows when they do."""
    assert len(list(generated())) == len(FACETS) ** 2 * len(PURPOSES) * len(TIMES) * len(PLACES)
    assert list(wrong_rows(allow)) == []


def test_every_denial_says_what_would_lift_it() -> None:
    denied = {row.code for row in TABLE if row.code}
    assert denied == set(policy.FIXES), "a code nobody can get, or one without a row"
    for row in TABLE:
        assert bool(allow(row.consent, row.ask).fix) is bool(row.code)


def test_a_decision_denies_unless_it_is_told_otherwise() -> None:
    with pytest.raises(TypeError):
        Decision()  # type: ignore[call-arg]  # there is no default for ok


# ------------------------------------------------------------------ mutation


class _Delete(ast.NodeTransformer):
    """Deletes the n-th condition: an `if` (its body never runs, or always), an operand of and/or, a filter."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.count = 0
        self.line = 0

    def _due(self, node: ast.AST) -> bool:
        self.count += 1
        if self.count - 1 != self.number:
            return False
        self.line = node.lineno  # type: ignore[attr-defined]  # every statement and expression has one
        return True

    def visit_If(self, node: ast.If) -> Any:
        if self._due(node):
            node.test = ast.copy_location(ast.Constant(False), node.test)
        elif self._due(node):
            node.test = ast.copy_location(ast.Constant(True), node.test)
        return self.generic_visit(node)

    def visit_BoolOp(self, node: ast.BoolOp) -> Any:
        for operand in list(node.values):
            if self._due(operand):
                node.values.remove(operand)
        return self.generic_visit(node if len(node.values) > 1 else node.values[0])

    def visit_comprehension(self, node: ast.comprehension) -> Any:
        for test in list(node.ifs):
            if self._due(test):
                node.ifs.remove(test)
        return self.generic_visit(node)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> Any:
        if isinstance(node.op, ast.Not) and self._due(node):
            return self.visit(node.operand)
        return self.generic_visit(node)

    def visit_Compare(self, node: ast.Compare) -> Any:
        if self._due(node):
            return ast.copy_location(ast.Constant(True), node)
        if self._due(node):
            return ast.copy_location(ast.Constant(False), node)
        return self.generic_visit(node)


def _compiled(tree: ast.Module) -> Callable[[Consent | None, Ask], Any]:
    namespace: dict[str, Any] = {"__name__": policy.__name__}
    exec(compile(ast.fix_missing_locations(tree), "mutant", "exec"), namespace)  # our own source and nobody else's
    return namespace["allow"]  # type: ignore[no-any-return]  # a namespace has no types


def _mutants() -> Iterator[tuple[str, Callable[[Consent | None, Ask], Any]]]:
    source = inspect.getsource(policy)
    for number in range(1000):
        deleting = _Delete(number)
        tree = deleting.visit(ast.parse(source))
        if not deleting.line:
            return
        yield f"line {deleting.line}: {source.splitlines()[deleting.line - 1].strip()}", _compiled(tree)


def test_deleting_any_one_condition_of_the_policy_is_noticed() -> None:
    """§2A. A condition that no row of the table depends on is one that could be lost without anybody seeing it."""
    assert list(wrong_rows(_compiled(ast.parse(inspect.getsource(policy))))) == [], "the machinery itself"
    survivors, mutants = [], 0
    for what, mutant in _mutants():
        mutants += 1
        try:
            noticed = next(wrong_rows(mutant), None)
        except (TypeError, AttributeError, LookupError):  # what the condition guarded against fell over
            noticed = "it breaks"
        if noticed is None:
            survivors.append(what)
    assert mutants > 60
    assert survivors == []
