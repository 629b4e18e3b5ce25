"""`understudy persona calibration`: what a team's feedback made of how sure a persona is, and what is promised."""

from __future__ import annotations

from msgspec import to_builtins

from bots.agent.confidence import calibration, calibrator
from bots.agent.label import EDITED, RIGHT, WRONG
from bots.audit import line
from bots.cli.context import Context, add_json, add_yes
from bots.cli.parser import Group
from bots.evaluation.labelled import Band, Calibrated, calibrated
from bots.evaluation.words import percent
from bots.operator import OPERATOR, found
from bots.wording import say
from persona_store.protocols import Batch

WIDTH = 20  # characters of a bar


def add(verbs: Group, lang: str) -> None:
    """Below `understudy persona`."""
    parser = verbs.add("calibration", "persona_calibration", more="persona_calibration_more")
    parser.add_argument("name", metavar="NAME", help=say(lang, "cli.for_persona"))
    parser.add_argument("--reset", action="store_true", help=say(lang, "cli.calibration_reset"))
    add_yes(parser, lang)
    add_json(parser, lang)
    parser.set_defaults(call=_calibration)


async def _calibration(context: Context) -> int:
    async with context.app() as app:
        services, persona = app.services, await found(app, context.arguments.name)
        if context.arguments.reset:
            if not context.arguments.yes and context.answer("calibration_sure", name=persona.name) != persona.name:
                context.tell("cancelled")
                return 1
            noted = line(services, persona.name, "calibration.reset", OPERATOR)
            await services.store.commit((await services.labels.reset(persona.name)).plus(Batch(log=(noted,))))
        made = calibrated(
            persona.name,
            await services.labels.all(persona.name),
            await services.labels.of(persona.name),
            budget=persona.rules.risk_budget,
            shipped=calibration().thresholds,
            calibrator=calibrator(),
        )
    if context.json:
        context.give({**to_builtins(made), "standing": made.standing})
    else:
        _print(context, made)
    return 0


def _print(context: Context, made: Calibrated) -> None:
    counts = {each: made.owner[each] for each in (RIGHT, EDITED, WRONG)}
    context.tell(
        "calibration_labels", name=made.persona, judged=made.judged, **counts, up=made.up, down=made.down,
        silent=made.silent,
    )  # fmt: skip
    if made.earlier:
        context.tell("calibration_earlier", count=made.earlier)
    context.tell("calibration_numbers", slope=f"{made.slope:.3f}", offset=f"{made.offset:+.3f}")
    budget = percent(made.budget)
    if made.standing != "nothing":
        context.tell(
            "calibration_threshold",
            threshold=f"{made.threshold:.3f}",
            answers_from=f"{made.answers_from:.3f}",
            shipped=f"{made.shipped_threshold:.3f}",
            budget=budget,
        )
    context.tell(f"calibration_{made.standing}", budget=budget)
    if made.bands:
        head = ("sure", "judged", "right_share", "said_shipped", "said_own", "drawn")
        context.table(head, [_row(band) for band in made.bands])
        context.tell("calibration_legend")


def _row(band: Band) -> tuple[str, ...]:
    share = band.right / band.judged
    sure = f"{round(band.above * 100)}–{round(band.above * 100) + 10} %"
    shares = tuple(f"{round(each * 100)} %" for each in (share, band.shipped, band.own))
    return (sure, str(band.judged), *shares, drawn(share, band.shipped, band.own))


def drawn(share: float, shipped: float, own: float) -> str:
    """A bar as long as what was right, with `s` where the shipped confidence stood and `o` where its own does."""
    bar = ["█" if n < round(share * WIDTH) else "·" for n in range(WIDTH + 1)]
    bar[round(shipped * WIDTH)] = "s"
    bar[round(own * WIDTH)] = "o"
    return "".join(bar)
