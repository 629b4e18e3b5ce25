"""What a module of the program binds, and where: its functions, constants and imports, what a statement puts in a
name, and which parameter a name is. Read from the syntax tree, for tests/spelling.py."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

FunctionDef = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass
class Module:
    path: str
    tree: ast.Module
    functions: dict[str, list[FunctionDef]] = field(default_factory=dict)
    constants: dict[str, ast.expr] = field(default_factory=dict)
    imports: dict[str, tuple[str, str]] = field(default_factory=dict)  # name here: (module, name there)
    within: dict[ast.AST, FunctionDef | None] = field(default_factory=dict)
    parent: dict[ast.AST, ast.AST] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for node in self.tree.body:
            match node:
                case ast.Assign(targets=[ast.Name(id=name)], value=value):
                    self.constants[name] = value
                case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                    self.constants[name] = value
        self._walk(self.tree, None)

    def _walk(self, node: ast.AST, inside: FunctionDef | None) -> None:
        self.within[node] = inside
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                self.functions.setdefault(node.name, []).append(node)
                inside = node
            case ast.ImportFrom(module=str() as module, names=names):
                self.imports |= {alias.asname or alias.name: (module, alias.name) for alias in names}
        for child in ast.iter_child_nodes(node):
            self.parent[child] = node
            self._walk(child, inside)


@dataclass(frozen=True)
class Place:
    module: Module
    function: FunctionDef | None


def called(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def bound(statement: ast.AST, name: str) -> Iterator[ast.expr]:
    match statement:
        case ast.Assign(targets=[target], value=value) | ast.NamedExpr(target=target, value=value):
            yield from unpacked(target, value, name)
        case ast.AnnAssign(target=target, value=ast.expr() as value):
            yield from unpacked(target, value, name)


def unpacked(target: ast.expr, value: ast.expr, name: str) -> Iterator[ast.expr]:
    if isinstance(target, ast.Name) and target.id == name:
        yield value
    elif isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple) and len(target.elts) == len(value.elts):
        for one, other in zip(target.elts, value.elts, strict=True):
            yield from unpacked(one, other, name)
    elif isinstance(target, ast.Tuple):
        for place, one in enumerate(target.elts):
            yield from unpacked(one, ast.Subscript(value, ast.Constant(place)), name)


def names(target: ast.expr) -> set[str]:
    return {node.id for node in ast.walk(target) if isinstance(node, ast.Name)}


def parameter(function: FunctionDef, name: str) -> int | None:
    """Its place among those that may be given by position; -1 for one that must be named."""
    positional = [each.arg for each in (*function.args.posonlyargs, *function.args.args)]
    if name in positional:
        return positional.index(name)
    return -1 if any(each.arg == name for each in function.args.kwonlyargs) else None


def defaults(function: FunctionDef, name: str) -> Iterator[ast.expr]:
    positional = [*function.args.posonlyargs, *function.args.args]
    late = positional[len(positional) - len(function.args.defaults) :]
    given = [*zip(late, function.args.defaults, strict=True)]
    named = [*zip(function.args.kwonlyargs, function.args.kw_defaults, strict=True)]
    yield from (default for each, default in (*given, *named) if each.arg == name and default is not None)
