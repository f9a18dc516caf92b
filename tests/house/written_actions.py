"""Which actions the product writes into the ledger, and which of them a test expects: both read from the source."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from django.conf import settings

from launch import checks
from portals.enums import AlertStep, HelpStep

ROOT = Path(settings.ROOT)
# What is put together from an enum's values. That more was seen is told by the evaluation's own row.
STEPS = {"alerts.": set(AlertStep.values) - {AlertStep.MORE}, "sign_in_help.": set(HelpStep.values)}
OF_OTHERS = {"add_argument"}  # a parser's `action=` is no row of the ledger
Function = ast.FunctionDef | ast.AsyncFunctionDef


@cache
def trees() -> dict[Path, ast.Module]:
    """Every module of the product but its migrations."""
    paths = [path for app in checks.apps() for path in sorted((ROOT / app).rglob("*.py"))]
    return {path.relative_to(ROOT): ast.parse(path.read_text()) for path in paths if "migrations" not in path.parts}


@cache
def written() -> tuple[dict[str, set[str]], set[str]]:
    """Each action with the modules that write it; and what could not be read, as `module: expression`."""
    found: dict[str, set[str]] = defaultdict(set)
    unread: set[str] = set()
    for path, tree in trees().items():
        for value, before, given in _handed_over(tree, path, ()):
            names = _words(value, path, given)
            if names is None:
                unread.add(f"{path}: {ast.unparse(value)}")
            for name in names or ():
                if not name.isdigit():  # the action code of an 834
                    found[before + name].add(str(path))
    return found, unread


def _handed_over(node: ast.AST, path: Path, given: tuple[str, ...]) -> Iterator[tuple[ast.expr, str, tuple[str, ...]]]:
    """Every expression that a call hands over as an action, what the callee puts before it, and the names of what the
    functions around the call were given."""
    if isinstance(node, Function):
        given = (*given, *_arguments(node))
    if isinstance(node, ast.Call):
        yield from ((value, before, given) for value, before in _actions(node, path))
    for child in ast.iter_child_nodes(node):
        yield from _handed_over(child, path, given)


def _actions(call: ast.Call, path: Path) -> Iterator[tuple[ast.expr, str]]:
    match call.func:
        case ast.Name(id=name):
            takes = _takers()[path].get(name)
        case ast.Attribute(value=ast.Name(id=module), attr=name):
            takes = next((_takers()[other][name] for other in _called(module) if name in _takers()[other]), None)
        case ast.Attribute(attr=name):
            takes = None
        case _:
            return
    if name in OF_OTHERS:
        return
    place, before = takes or (len(call.args), "")
    yield from ((keyword.value, before) for keyword in call.keywords if keyword.arg == "action")
    if place < len(call.args):
        yield call.args[place], before


@cache
def _called(name: str) -> list[Path]:
    """The modules of that name."""
    return [path for path in trees() if path.stem == name]


@cache
def _takers() -> dict[Path, dict[str, tuple[int, str]]]:
    """By module, the functions that are given an action: its place among their arguments, what they put before it."""
    return {
        path: {
            node.name: (_arguments(node).index("action"), _put_before(node))
            for node in ast.walk(tree)
            if isinstance(node, Function) and "action" in _arguments(node)
        }
        for path, tree in trees().items()
    }


def _arguments(function: Function) -> list[str]:
    return [each.arg for each in (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs)]


def _put_before(function: Function) -> str:
    """`members.accountings.` where it writes f"members.accountings.{action}"."""
    texts = (_put_together(part) for part in ast.walk(function) if isinstance(part, ast.JoinedStr))
    return next((before for before, name in texts if name == "action"), "")


def _put_together(text: ast.JoinedStr) -> tuple[str, str]:
    """What stands before a name in a text of these two, and the name."""
    match text.values:
        case [ast.Constant(value=str(before)), ast.FormattedValue(value=what)]:
            return before, ast.unparse(what)
    return "", ""


def _words(value: ast.expr, path: Path, given: tuple[str, ...]) -> set[str] | None:
    """The texts that this can be; none where it is what a function around it was given, for its callers are read; None
    where the source does not say."""
    match value:
        case ast.Constant(value=str(text)):
            return {text}
        case ast.IfExp(body=one, orelse=other):
            both = [_words(each, path, given) for each in (one, other)]
            return None if None in both else set().union(*filter(None, both))
        case ast.Name(id="action") if "action" in given:
            return set()
        case ast.Name(id=name) if name in _constants()[path]:
            return {_constants()[path][name]}
        case ast.Attribute(value=ast.Name(id=module), attr=name):
            texts = {_constants()[other].get(name, "") for other in _called(module)} - {""}
            return texts or None
        case ast.JoinedStr():
            before, name = _put_together(value)
            if before in STEPS:
                return {before + step for step in STEPS[before]}
            return set() if name == "action" and name in given else None
    return None


@cache
def _constants() -> dict[Path, dict[str, str]]:
    """By module, the texts that it names."""
    return {path: dict(_assigned(tree)) for path, tree in trees().items()}


def _assigned(tree: ast.Module) -> Iterator[tuple[str, str]]:
    for node in tree.body:
        match node:
            case ast.Assign(targets=[ast.Tuple(elts=names)], value=ast.Tuple(elts=values)):
                pairs = list(zip(names, values, strict=False))
            case ast.Assign(targets=targets, value=value):
                pairs = [(target, value) for target in targets]
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                pairs = [(target, value)]
            case _:
                continue
        for name, text in pairs:
            if isinstance(name, ast.Name) and isinstance(text, ast.Constant) and isinstance(text.value, str):
                yield name.id, text.value


def expected(sources: Iterator[str]) -> set[str]:
    """Texts by which tests say what the ledger holds: `ledger.expect(...)`, a look-up by action, or an assertion, where
    a plain word may say anything."""
    found: set[str] = set()
    for source in sources:
        for node in ast.walk(ast.parse(source)):
            match node:
                case ast.Assert(test=part):
                    found |= {text for text in _texts(part) if "." in text or ":" in text}
                case ast.Call(func=ast.Attribute(attr="expect"), args=[part, *_]):
                    found |= _texts(part)
                case ast.Call(func=ast.Attribute(attr="get" | "filter"), keywords=keywords):
                    for keyword in keywords:
                        if keyword.arg in ("action", "action__in"):
                            found |= _texts(keyword.value)
    return found


def _texts(part: ast.expr) -> set[str]:
    return {each.value for each in ast.walk(part) if isinstance(each, ast.Constant) and isinstance(each.value, str)}
