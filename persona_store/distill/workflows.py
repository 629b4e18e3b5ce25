"""Finder of how something is done: steps that are numbered, or that follow each other by "first … then …"."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from persona_store.distill.candidates import Best, Candidate, of_line, of_quote
from persona_store.distill.cues import STRENGTHS
from persona_store.distill.scene import Line, Scene
from persona_store.distill.sentences import holds_foreign
from persona_store.tokens import terms

LONGEST = 900
"""Characters of a way to do something, which is a passage of a document."""
FEWEST = 3  # numbered steps: two are an enumeration of what somebody thought of
_DOES = 0.6  # of the steps that must tell to do something

_STRONG, _PLAIN = STRENGTHS["strong"], STRENGTHS["plain"]
_NUMERALS = "一二三四五六七八九十"
_MARK = re.compile(
    rf"^\s*(?:[-*•·]|[(（]?\d{{1,2}}[.)、．）]|第[{_NUMERALS}]+步|步骤\s*[\d{_NUMERALS}]+"
    r"|[Ss]tep\s+\d+)[\s:：，,.]*"
)
_DO = re.compile(
    r"(?:then |now |finally |you |please |and |just |simply |next,? |also )*"
    r"(?:(?:can|should|must|need to|have to) )?"
    r"(?:run|open|click|add|install|create|set|go|use|check|copy|download|call|write|make|build|push|pull|merge"
    r"|deploy|restart|change|remove|delete|update|select|type|start|stop|wait|import|put|define|convert|get|find"
    r"|enter|edit|save|choose|enable|disable|clone|commit|upload|configure|verify|test|compile|load|read|look|press"
    r"|replace|send|switch|log|ask|tell|export|apply|rename|move|try|do|let|pick|drop|turn|ensure|review|release"
    r"|announce|roll|bump|tag|publish|fetch|rebase|unzip|extract|connect|confirm|notify|freeze|drain|promote|watch"
    r"|pause|resume|cd|git|npm|pip|sudo|apt|docker|kubectl|curl|ssh|lein|brew)\b",
    re.IGNORECASE,
)
_VERBS_ZH = (
    "打开|点击|运行|执行|添加|新建|创建|修改|删除|下载|安装|配置|设置|检查|重启|发布|提交|编译|复制|选择|导入|调用|确认"
    "|通知|登录|进入|更新|升级|回滚|备份|导出|上传|替换|测试|验证|联系|演练|覆盖|解压|配对|清理|看|查|改|跑|切|拉|推|停"
    "|起|加|填|写|用|找|发|等|建|带|去掉|做"
)
_DO_ZH = re.compile(_VERBS_ZH)
_NEXT_ZH = re.compile(
    rf"(?:先|再|然后|最后|首先|接着|才|之后|第[{_NUMERALS}]步|[，,]\s?(?:下一\w{{0,3}})?)[^，。,：:不没]{{0,3}}?({_VERBS_ZH})"
)
_THEN = re.compile(
    r"\s*(?:then|next|after that|afterwards|finally)\b|\s*(?:然后|接着|再|最后|其次|之后)",
    re.IGNORECASE,
)
_FIRST = re.compile(
    r"\s*(?:first(?:ly)?,?|to (?:begin|start) with,?)\s+(?!of all|time)|\s*(?:首先|第一步|先)", re.IGNORECASE
)


class Workflows:
    def see(self, scene: Scene, best: Best) -> None:
        for lines in _by_passage(scene.lines):
            taken: set[int] = set()
            for steps in _numbered(lines):
                taken.update(map(id, steps))
                found = _listed(lines, steps)
                if found:
                    best.put(found)
            rest = [line for line in lines if id(line) not in taken]
            for line in rest:
                if _in_order(line):
                    best.put(of_line("workflow", line, line.shows["workflow"]))
            for chain in _chained(rest):
                best.put(_candidate(chain, _STRONG))

    def ended(self, known: object) -> Iterable[Candidate]:
        return ()


def _by_passage(lines: list[Line]) -> Iterator[list[Line]]:
    held: list[Line] = []
    for line in lines:
        if held and held[0].place != line.place:
            yield held
            held = []
        held.append(line)
    if held:
        yield held


def _numbered(lines: list[Line]) -> Iterator[list[Line]]:
    """Stretches of numbered items, with the sentences that belong to them."""
    held: list[Line] = []
    for line in lines:
        if line.sentence.numbered:
            held.append(line)
        elif held:
            yield held
            held = []
    if held:
        yield held


def _listed(lines: list[Line], steps: list[Line]) -> Candidate | None:
    """At least FEWEST items, no question among them, most of which say what to do; with what announces them."""
    items = {step.sentence.block: step for step in reversed(steps)}
    if len(items) < FEWEST or any(step.question for step in steps):
        return None
    done = sum(does(step.text) for step in items.values())
    if done < _DOES * len(items):
        return None
    place = lines.index(steps[0])
    lead = lines[place - 1 : place] if place and lines[place - 1].text.endswith((":", "：")) else []
    return _candidate([*lead, *steps], _STRONG)


def steps(lines: list[Line]) -> Candidate | None:
    """What stands below a heading that announces a way to do something: all of it, if at least two parts of it tell
    to do something."""
    told = [line for line in lines if not line.question]
    return _candidate(told, _STRONG) if sum(map(_tells, told)) >= 2 else None


def _candidate(lines: list[Line], cue: float) -> Candidate:
    """As many of the lines as fit, as one stretch of the passage; code between steps belongs to them."""
    text, start = lines[0].passage.text, lines[0].sentence.start
    end = lines[0].sentence.end
    for line in lines[1:]:
        if line.sentence.end - start > LONGEST or holds_foreign(text[end : line.sentence.start]):
            break
        end = line.sentence.end
    return of_quote("workflow", lines[0].passage, text[start:end], cue)


def _in_order(line: Line) -> bool:
    return (
        "workflow" in line.shows
        and "workflow_not" not in line.shows
        and line.earnest
        and (line.shows["workflow"] >= _STRONG or does(line.text))
        and _acts(line.text) >= 2
        and len(set(terms(line.text))) >= FEWEST
    )


def _chained(lines: list[Line]) -> Iterator[list[Line]]:
    """ "First …" and in the sentences right after it "Then …"."""
    for place, line in enumerate(lines[:-1]):
        if not _FIRST.match(line.text) or line.question:
            continue
        after = lines[place + 1 : place + 6]
        last = max((n for n, each in enumerate(after) if _THEN.match(each.text)), default=-1)
        chain = [line, *after[: last + 1]]
        if last >= 0 and not any(each.question for each in chain) and sum(map(_done, chain)) >= 2:
            yield chain


def _tells(line: Line) -> bool:
    return _DO.search(line.text) is not None or _DO_ZH.search(line.text) is not None


def _done(line: Line) -> bool:
    return does(_THEN.sub("", _FIRST.sub("", line.text, count=1), count=1).lstrip(" ,，:："))


def _acts(text: str) -> int:
    """How many things it says to do; in Chinese, right after what puts them in order."""
    return len({match[0].lower().split()[-1] for match in _DO.finditer(text)}) + len(_NEXT_ZH.findall(text))


def does(item: str) -> bool:
    """Whether an item begins by saying what to do."""
    bare = _MARK.sub("", item, count=1)
    return _DO.match(bare) is not None or _DO_ZH.search(bare[:12]) is not None or bare.startswith("`")
