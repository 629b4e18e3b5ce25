"""Which strings an expression can come to, read off the program without running it: a small data flow over the
syntax trees. It follows names to what was last put in them, parameters to what callers give, calls to what is
returned and tables to what stands in them; for tests/refusal_sites.py."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import islice, product
from pathlib import Path

from tests.bindings import FunctionDef, Module, Place, bound, called, defaults, names, parameter, unpacked

NEAR, FAR = 12, 3  # sentences of the same function, or of its callers: so many are written into the one around them
MOST = 64  # spellings of one sentence; more would be a sentence put together from words


@dataclass(frozen=True)
class Hole:
    """Where a value goes; `sentence`: it is a sentence of its own."""

    sentence: bool = False


Spelling = tuple["str | Hole", ...]
VALUE: Spelling = (Hole(),)
SENTENCE: Spelling = (Hole(sentence=True),)
Bound = tuple[ast.expr | None, Place]  # None: something that cannot be seen


class Program:
    def __init__(self, root: Path, packages: tuple[str, ...]) -> None:
        self.modules: dict[str, Module] = {}
        for path in sorted(path for package in packages for path in (root / package).rglob("*.py")):
            name = path.relative_to(root).as_posix()
            module = Module(name, ast.parse(path.read_text(encoding="utf-8")))
            self.modules[name.removesuffix(".py").removesuffix("/__init__").replace("/", ".")] = module
        self.nested: set[Spelling] = set()
        """Sentences that were seen to go into a hole of another."""
        self._asking: set[tuple[ast.expr, FunctionDef | None]] = set()

    @cached_property
    def calls(self) -> dict[str, list[tuple[ast.Call, Place]]]:
        found: dict[str, list[tuple[ast.Call, Place]]] = {}
        for module in self.modules.values():
            for node, inside in module.within.items():
                if isinstance(node, ast.Call) and (name := called(node.func)):
                    found.setdefault(name, []).append((node, Place(module, inside)))
        return found

    def spelled(self, said: ast.expr, at: Place) -> set[Spelling]:
        """VALUE among them: also something that cannot be seen."""
        if (said, at.function) in self._asking:
            return set()
        self._asking.add((said, at.function))
        try:
            return set(islice(self._spelled(said, at), MOST)) or {VALUE}
        finally:
            self._asking.discard((said, at.function))

    # ------------------------------------------------------------------ expressions

    def _spelled(self, said: ast.expr, at: Place) -> Iterator[Spelling]:
        match said:
            case ast.Constant(value=str() as text):
                yield (text,)
            case ast.JoinedStr(values=values):
                yield from _joined([self._part(value, at) for value in values])
            case ast.BinOp(op=ast.Add(), left=left, right=right):
                yield from _joined([self.spelled(left, at), self.spelled(right, at)])
            case ast.IfExp(body=one, orelse=other):
                yield from self.spelled(one, at) | self.spelled(other, at)
            case ast.BoolOp(values=values):
                for value in values:
                    yield from self.spelled(value, at)
            case ast.Await(value=value) | ast.NamedExpr(value=value):
                yield from self.spelled(value, at)
            case ast.Starred(value=table):
                for value, there in self._tables(table, at):
                    for each in value.elts if isinstance(value, ast.Tuple) else ():
                        yield from self.spelled(each, there)
            case ast.Attribute(attr="what" | "fix"):  # of another refusal
                yield SENTENCE
            case ast.Name():
                yield from self._any(self._values(said, at))
            case ast.Subscript(value=table, slice=key):
                yield from self._any(self._looked_up(table, key, at))
            case ast.Call():
                yield from self._called(said, at)
            case _:
                yield VALUE

    def _any(self, found: Iterator[Bound]) -> Iterator[Spelling]:
        for value, there in found:
            yield from {VALUE} if value is None else self.spelled(value, there)

    def _part(self, value: ast.expr, at: Place) -> set[Spelling]:
        """One piece of an f-string. What is written near is written in; what comes from a table or from many
        callers and is a sentence stays one of its own."""
        if not isinstance(value, ast.FormattedValue):
            return self.spelled(value, at)
        if value.conversion != -1 or value.format_spec is not None:
            return {VALUE}
        spelled = {VALUE if _is_word(each) else each for each in self.spelled(value.value, at)}
        most = FAR if self._is_given(value.value, at) else NEAR
        if len(spelled) <= most and not isinstance(value.value, ast.Subscript):
            return spelled
        sentences = {each for each in spelled if is_sentence(each)}
        self.nested |= sentences
        return {SENTENCE if sentences else VALUE}

    def _called(self, call: ast.Call, at: Place) -> Iterator[Spelling]:
        match call:
            case ast.Call(func=ast.Attribute(value=value, attr="rstrip" | "strip")):
                yield from self.spelled(value, at)
            case ast.Call(func=ast.Attribute(value=table, attr="get"), args=[_, *default]):
                yield from self._any(self._looked_up(table, None, at))
                for value in default:
                    yield from self.spelled(value, at)
            case ast.Call(func=ast.Name(id="next"), args=args):
                for value in args:
                    yield from self.spelled(value, at)
            case ast.Call(
                func=ast.Attribute(value=ast.Constant(value=str()), attr="join"),
                args=[ast.GeneratorExp(elt=each) | ast.ListComp(elt=each)],
            ):
                sentences = {each for each in self.spelled(each, at) if is_sentence(each) and each != SENTENCE}
                self.nested |= sentences
                yield SENTENCE if sentences else VALUE
            case _:
                for function, there in self.functions(call, at):
                    for node, inside in there.module.within.items():
                        if inside is function and isinstance(node, ast.Return | ast.Yield) and node.value:
                            yield from self.spelled(node.value, there)

    def functions(self, call: ast.Call, at: Place) -> Iterator[tuple[FunctionDef, Place]]:
        """Which functions of the program it may call."""
        module, name = at.module, called(call.func)
        if isinstance(call.func, ast.Attribute) and called(call.func.value) not in ("self", "cls"):
            there = self._imported(called(call.func.value), module)
            if there is None:
                return
            module = there
        elif isinstance(call.func, ast.Name) and name in module.imports and name not in module.functions:
            path, name = module.imports[name]
            module = self.modules.get(path, module)
        for function in module.functions.get(name, ()):
            yield function, Place(module, function)

    def _imported(self, name: str, module: Module) -> Module | None:
        path, inner = module.imports.get(name, ("", ""))
        return self.modules.get(f"{path}.{inner}")

    def _looked_up(self, table: ast.expr, key: ast.expr | None, at: Place) -> Iterator[Bound]:
        for value, there in self._tables(table, at):
            match value, key:
                case ast.Dict(values=values), _:
                    yield from ((each, there) for each in values)
                case ast.Tuple(elts=elements), ast.Constant(value=int() as index):
                    yield elements[index], there

    def _tables(self, table: ast.expr | None, at: Place) -> Iterator[Bound]:
        match table:
            case ast.Name():
                found = self._values(table, at)
            case ast.Subscript(value=inner, slice=key):
                found = self._looked_up(inner, key, at)
            case ast.Attribute(attr=name) if module := self._imported(called(table.value), at.module):
                found = iter([(module.constants.get(name), Place(module, None))])
            case _:
                yield table, at
                return
        for value, there in found:
            yield from self._tables(value, there)

    # ------------------------------------------------------------------ names

    def _values(self, use: ast.Name, at: Place) -> Iterator[Bound]:
        """What was last put in it, on every way here."""
        name, module, function = use.id, at.module, at.function
        while function is not None:
            found, certain = self._before(use, function, module) if use in module.parent else ([], False)
            yield from ((value, Place(module, function)) for value in found)
            if certain:
                return
            index = parameter(function, name)
            if index is not None:
                yield from self._given(function, Place(module, function), name, index)
                return
            if found:
                return
            function = module.within[function]
        if name in module.constants:
            yield module.constants[name], Place(module, None)
        elif name in module.imports:
            path, inner = module.imports[name]
            there = self.modules.get(path)
            if there is not None and inner in there.constants:
                yield there.constants[inner], Place(there, None)

    def _before(self, use: ast.Name, function: FunctionDef, module: Module) -> tuple[list[ast.expr | None], bool]:
        """(what was bound, whether it surely was), from the use upwards to where it surely was."""
        found: list[ast.expr | None] = []
        node: ast.AST = use
        while node is not function:
            above = module.parent[node]
            if around := list(self._by(above, node, use.id, Place(module, function))):
                return [*found, *around], True
            for siblings in (getattr(above, name, None) for name in ("body", "orelse", "finalbody")):
                there = isinstance(siblings, list) and node in siblings
                for sibling in reversed(siblings[: siblings.index(node)] if there else []):
                    if straight := list(bound(sibling, use.id)):
                        return [*found, *straight], True
                    found += [value for inner in ast.walk(sibling) for value in bound(inner, use.id)]
            node = above
        return found, False

    def _by(self, above: ast.AST, node: ast.AST, name: str, at: Place) -> Iterator[ast.expr | None]:
        """What the statement around binds for what is inside it."""
        match above:
            case ast.If(test=test) if node is not test:
                for inner in ast.walk(test):
                    yield from bound(inner, name)
            case ast.For(target=target, iter=rows) | ast.AsyncFor(target=target, iter=rows):
                if name in names(target) and node is not rows:
                    yield from self._rows(target, rows, name, at)
            case ast.ExceptHandler(name=caught) if caught == name:
                yield None
            case ast.GeneratorExp(generators=generators) | ast.ListComp(generators=generators):
                for each in generators:
                    if name in names(each.target):
                        yield from self._rows(each.target, each.iter, name, at)

    def _rows(self, target: ast.expr, rows: ast.expr, name: str, at: Place) -> Iterator[ast.expr | None]:
        match rows:
            case ast.Tuple(elts=elements) | ast.List(elts=elements):
                for row in elements:
                    yield from unpacked(target, row, name)
            case ast.Name():
                for table, _ in self._values(rows, at):
                    for row in table.elts if isinstance(table, ast.Tuple) else ():
                        yield from unpacked(target, row, name)
            case _:
                yield None

    def _given(self, function: FunctionDef, at: Place, name: str, index: int) -> Iterator[Bound]:
        """What callers pass, and the default."""
        yield from ((default, at) for default in defaults(function, name))
        for call, there in self.calls.get(function.name, ()):
            if not any(each is function for each, _ in self.functions(call, there)):
                continue
            method = isinstance(call.func, ast.Attribute) and called(call.func.value) in ("self", "cls")
            yield from ((word.value, there) for word in call.keywords if word.arg == name)
            if 0 <= index - method < len(call.args):
                yield call.args[index - method], there

    def _is_given(self, said: ast.expr, at: Place) -> bool:
        return (
            isinstance(said, ast.Name) and at.function is not None and parameter(at.function, said.id) is not None
        )


def is_sentence(spelling: Spelling) -> bool:
    """Something that can be said in another language: words, and not one name alone."""
    text = "".join(part for part in spelling if isinstance(part, str))
    return (
        any(char.isalpha() for char in text)
        and " " in "".join(part if isinstance(part, str) else "x" for part in spelling).strip()
    )


def _joined(pieces: list[set[Spelling]]) -> Iterator[Spelling]:
    for chosen in product(*pieces):
        made: list[str | Hole] = []
        for part in (part for piece in chosen for part in piece):
            if isinstance(part, str) and made and isinstance(last := made[-1], str):
                made[-1] = last + part
            elif part != "" and not (part == Hole() and made and made[-1] == Hole()):
                made.append(part)
        yield tuple(made)


def _is_word(spelling: Spelling) -> bool:
    """A name or code, which nobody translates."""
    return len(spelling) == 1 and isinstance(word := spelling[0], str) and bool(word) and " " not in word
