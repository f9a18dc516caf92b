"""What only the demo or a test can write is not there for a plan: every row and column has a way in by the product.

What is listed here may be full in `make run` and is empty at a plan: the pages that read it show nothing there.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from django.apps import apps
from django.conf import settings

# Models and columns without a writer, and what a plan lacks without them. The list only becomes shorter.
WITHOUT_A_WRITER = {
    "billing.InvoiceVoid": "no page or command voids an invoice: `invoices.void` is called by tests alone",
    "portals.PlanClosing": "the plan's own closing days count as business days",
    "portals.StateRule": "entitlements are not pre-ticked, and a client enters with every term spelled out in its file",
    "producers.Agency.general_agency": "no agency is a general one: none names case managers or grants its reports",
}

OURS = {name for name in (config.name for config in apps.get_app_configs()) if (settings.ROOT / name).is_dir()}
MODELS = [model for model in apps.get_models() if model._meta.app_label in OURS]
NAMES = {model.__name__: model._meta.label for model in MODELS}
TABLES = {model._meta.db_table: model._meta.label for model in MODELS}
# From the other side of a foreign key: `payment.events.create(...)`.
ACCESSORS = {
    relation.get_accessor_name(): relation.related_model._meta.label
    for model in MODELS
    for relation in model._meta.related_objects
    if relation.related_model in MODELS and not relation.hidden
}
CREATES = re.compile(r"a?(create(_user)?|bulk_create|get_or_create|update_or_create)$")
# Helpers of ours that make a row of the model they are given, and the function in the database that keeps the ledger.
MAKERS = {"intervals.begin", "self._put"}
RECORDS = re.compile(r"SELECT audit_record\(")
INSERTS = re.compile(r"(?:INSERT\s+INTO|MERGE\s+INTO|\bCOPY)\s+(?:public\.)?\"?(\w+)", re.IGNORECASE)


def is_demo(path: Path) -> bool:
    """The demo, its files and its commands; and migrations, which make tables."""
    names = path.relative_to(settings.ROOT).parts
    return bool({"demo", "migrations"} & set(names)) or "demo" in path.stem.split("_")


def writes(source: str, idle: frozenset[str] = frozenset()) -> Iterator[str]:
    """Labels of the models whose rows this module makes, its functions named in `idle` apart."""
    tree = ast.parse(source)
    tree.body = [node for node in tree.body if not (isinstance(node, ast.FunctionDef) and node.name in idle)]
    known_as = {
        alias.asname or alias.name: NAMES[alias.name]
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and "models" in (node.module or "").split(".")
        for alias in node.names
        if alias.name in NAMES
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from (TABLES[table] for table in INSERTS.findall(node.value) if table in TABLES)
            if RECORDS.search(node.value):
                yield TABLES["audit_event"]
        elif isinstance(node, ast.ClassDef) and node.name == "Meta":  # a ModelForm's
            yield from (
                known_as[part.value.id]
                for part in node.body
                if isinstance(part, ast.Assign)
                and ast.unparse(part.targets[0]) == "model"
                and isinstance(part.value, ast.Name)
                and part.value.id in known_as
            )
        elif isinstance(node, ast.Call):
            yield from _made_by(node, known_as)


def _made_by(call: ast.Call, known_as: dict[str, str]) -> Iterator[str]:
    name = ast.unparse(call.func)
    last = name.rpartition(".")[2]
    if name in known_as:  # Model(...), saved later or in bulk
        yield known_as[name]
    elif isinstance(call.func, ast.Attribute) and CREATES.match(last):
        owner = ast.unparse(call.func.value)
        yield from (label for known, label in known_as.items() if owner.startswith(f"{known}."))
        if (accessor := owner.rpartition(".")[2]) in ACCESSORS:
            yield ACCESSORS[accessor]
    elif name in MAKERS:
        yield from (known_as[each.id] for each in call.args if isinstance(each, ast.Name) and each.id in known_as)


def named(tree: ast.Module, stem: str) -> Iterator[str]:
    """What this module names of its own and of other modules: `invoices.void`, whatever it calls `invoices`."""
    called = {
        alias.asname: alias.name
        for node in ast.walk(tree)
        if isinstance(node, (ast.Import, ast.ImportFrom))
        for alias in node.names
        if alias.asname
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            owner = getattr(node.value, "attr", getattr(node.value, "id", ""))
            yield f"{called.get(owner, owner).rpartition('.')[2]}.{node.attr}"
        elif isinstance(node, ast.Name):
            yield f"{stem}.{node.id}"
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{(node.module or '').rpartition('.')[2]}.{alias.name}" for alias in node.names)


def product() -> dict[Path, str]:
    paths = [path for app in sorted(OURS) for path in sorted((settings.ROOT / app).rglob("*.py")) if not is_demo(path)]
    return {path: path.read_text(encoding="utf-8") for path in paths}


def written() -> set[str]:
    """By code that something else in the product names: a function that nobody calls lets nothing in."""
    sources = product()
    trees = {path: ast.parse(source) for path, source in sources.items()}
    names = {name for path, tree in trees.items() for name in named(tree, path.stem)}
    found: set[str] = set()
    for path, tree in trees.items():
        idle = frozenset(
            node.name
            for node in tree.body
            if isinstance(node, ast.FunctionDef) and not node.decorator_list and f"{path.stem}.{node.name}" not in names
        )
        found.update(writes(sources[path], idle))
    return found


READERS = {
    "filter",
    "exclude",
    "get",
    "Q",
    "F",
    "values",
    "values_list",
    "order_by",
    "only",
    "annotate",
    "select_related",
}


def sets(source: str) -> set[str]:
    """Names that this module may give a value to: as a keyword, an attribute, a key, or in a statement that writes.

    By name alone, so that a column may hide behind its namesake; one that is found missing is missing."""
    tree = ast.parse(source)
    found: set[str] = set()
    read: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            if getattr(node.func, "attr", getattr(node.func, "id", "")) in READERS:
                read.update(id(part) for each in node.args for part in ast.walk(each))
            else:
                found.update(each.arg for each in node.keywords if each.arg)
        elif isinstance(node, (ast.Assign, ast.AnnAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            found.update(part.attr for each in targets for part in ast.walk(each) if isinstance(part, ast.Attribute))
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in read:
            if node.value.isidentifier():
                found.add(node.value)
            elif re.search(r"INSERT|UPDATE|MERGE", node.value):
                found.update(re.findall(r"\w+", node.value))
    return found


def never_set() -> set[str]:
    """Columns that no module but the models themselves names as something to write, and that have no default."""
    found = {
        name
        for path, source in product().items()
        if "models" not in (path.stem, path.parent.name)
        for name in sets(source)
    }
    return {
        f"{model._meta.label}.{field.name}"
        for model in MODELS
        for field in model._meta.concrete_fields
        if not {field.name, field.attname} & found
        and not (field.primary_key or field.has_default() or field.has_db_default())
    }


def test_each_way_to_make_a_row_is_seen_and_reading_one_is_not() -> None:
    read = """
from members.models import Client
from members.queries import Person
Client.objects.filter(pk=1).update(name="x")
Person(name="not a model")
sql("SELECT * FROM members_contract")
"""
    assert set(writes(read)) == set()
    made = """
from billing.models import BillAccount, BillRun
from members.models import Client, Group as Section
from portals.models import User
Client.objects.select_for_update().get_or_create(pk=1)
row = Section(name="x")
User.objects.create_user("x")
sql("INSERT INTO members_contract (id) SELECT 1")
sql(f"MERGE INTO members_coverage USING {table}")
invoice.lines.create(cents=1)
class Form:
    class Meta:
        model = BillRun
self._put(known, BillAccount, values)
"""
    labels = "billing.BillAccount billing.BillRun billing.InvoiceLine members.Client members.Contract members.Coverage"
    assert set(writes(made)) == {*labels.split(), "members.Group", "portals.User"}


def test_a_column_that_is_only_read_is_seen() -> None:
    assert not {"house", "street"} & sets('rows.filter(house=1, town="x").values_list("street")\nx = row.house')
    assert {"house", "street", "town"} <= sets('row.house = 1\nrow.update(street=2)\nsql("UPDATE a SET town = 1")')


def test_every_model_and_column_has_a_way_in_besides_the_demo() -> None:
    missing = {model._meta.label for model in MODELS} - written() | never_set()
    assert sorted(missing - WITHOUT_A_WRITER.keys()) == [], "only the demo or tests write these: a plan never has one"
    assert sorted(WITHOUT_A_WRITER.keys() - missing) == [], "these are written now: take them off the list"
