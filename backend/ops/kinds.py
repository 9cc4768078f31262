"""Which migrations leave the release before able to run (expand), and which do not (contract)."""

from collections.abc import Iterator
from typing import Literal

from django.db.migrations import operations
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.migration import Migration
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState
from django.db.models import Field, NOT_PROVIDED

Kind = Literal["expand", "contract"]

# Nothing that older code reads or writes is touched, or less is asked of it. Subclasses count: AddIndexConcurrently.
HARMLESS = (
    operations.CreateModel,
    operations.AddIndex,
    operations.RemoveIndex,
    operations.RemoveConstraint,
    operations.AlterModelOptions,
    operations.AlterModelManagers,
)


def migrations_of_this_code() -> Iterator[tuple[str, Kind]]:
    """`posts.0002_…` with its kind, of all installed apps, in an order in which they can be applied. Reads files only."""
    # Without a connection nothing counts as applied.
    graph = MigrationLoader(None).graph
    state = ProjectState()
    seen = set()
    for leaf in sorted(graph.leaf_nodes()):
        for key in graph.forwards_plan(leaf):
            if key not in seen:
                seen.add(key)
                migration = graph.nodes[key]
                yield f"{migration.app_label}.{migration.name}", kind_of(migration, state)


def kind_of(migration: Migration, state: ProjectState) -> Kind:
    """What `kind` of the migration says, otherwise what its operations do; `state` is what lies before it, and is moved on."""
    created: set[str] = set()
    expands = [_expands(operation, migration.app_label, state, created) for operation in migration.operations]
    told = getattr(migration, "kind", None)
    if told not in (None, "expand", "contract"):
        raise ValueError(f'{migration.app_label}.{migration.name}: kind is {told!r}, not "expand" or "contract"')
    return told or ("expand" if all(expands) else "contract")


def _expands(operation: Operation, app: str, state: ProjectState, created: set[str]) -> bool:
    """Moves the state on. What is not known to be harmless is not."""
    if isinstance(operation, operations.SeparateDatabaseAndState):
        # Only what happens to the database counts; each part has a state of its own.
        inner = state.clone()
        harmless = all([_expands(one, app, inner, created) for one in operation.database_operations])
    elif isinstance(operation, operations.CreateModel):
        created.add(operation.name_lower)
        harmless = True
    elif _table(operation) in created:
        # No older code knows a table that this migration has made.
        harmless = True
    elif isinstance(operation, operations.AddField):
        harmless = _may_be_left_out(operation.field)
    elif isinstance(operation, operations.AlterField):
        before = state.models[app, operation.model_name_lower].fields[operation.name]
        harmless = _takes_more(before, operation.field)
    elif isinstance(operation, (operations.RunSQL, operations.RunPython)):
        harmless = operation.reversible
    else:
        harmless = isinstance(operation, HARMLESS)
    operation.state_forwards(app, state)
    return harmless


def _table(operation: Operation) -> str | None:
    """The model that it changes: operations on fields name it beside the field, those on models by themselves."""
    return getattr(operation, "model_name_lower", getattr(operation, "name_lower", None))


def _may_be_left_out(field: Field) -> bool:
    """Older code inserts rows without it: Django drops a `default` once the column is filled, so that does not help."""
    return field.null or field.many_to_many or getattr(field, "db_default", NOT_PROVIDED) is not NOT_PROVIDED


def _takes_more(before: Field, after: Field) -> bool:
    """The column is the same, or takes all that it took: null, or a longer text."""
    (was, old), (is_now, new) = _column(before), _column(after)
    if was != is_now:
        return False
    differs = {key for key in old.keys() | new.keys() if old.get(key) != new.get(key)}
    if "null" in differs and not after.null:
        return False
    if "max_length" in differs and not _is_longer(before.max_length, after.max_length):
        return False
    return differs <= {"null", "max_length"}


def _is_longer(before: int | None, after: int | None) -> bool:
    return after is None or (before is not None and after >= before)


# Django 4.2 keeps a list of these; they are of Python's affair, or of an index.
OUTSIDE_THE_COLUMN = {*Field.non_db_attrs, "default", "auto_now", "auto_now_add", "db_index"}


def _column(field: Field) -> tuple[str, dict]:
    """Its class, and what of its arguments the database knows."""
    _, path, _, arguments = field.deconstruct()
    return path, {key: value for key, value in arguments.items() if key not in OUTSIDE_THE_COLUMN}
