"""`unmigrate`: takes single migrations back, before a rollback to a release that does not know them."""

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from ops.migrating import migrating


class Command(BaseCommand):
    help = "Take exactly these migrations back; refused where others would go with them. What they removed is not restored."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("names", nargs="+", metavar="APP.MIGRATION", help="such as posts.0003_post_has_a_body")

    def handle(self, *args: object, names: list[str], **options: object) -> None:
        with migrating():
            executor = MigrationExecutor(connection)
            below = [_below(name, executor) for name in names]
            # Of several of one app only the lowest: told the others afterwards, `migrate` would apply them again.
            targets = [(app, name) for app, name in below if f"{app}.{name}" not in names]
            plan = executor.migration_plan(targets)
            goes = [f"{step.app_label}.{step.name}" for step, backwards in plan if backwards]
            others = [name for name in goes if name not in names]
            if others:
                raise CommandError(f"{', '.join(others)} would be taken back, too: name it as well.")
            for step, _ in plan:
                for operation in step.operations:
                    if not operation.reversible:
                        raise CommandError(f"{step.app_label}.{step.name} cannot be taken back: {operation.describe()}.")
            for app, name in targets:
                call_command("migrate", app, name or "zero", interactive=False, verbosity=options["verbosity"])


def _below(name: str, executor: MigrationExecutor) -> tuple[str, str | None]:
    """What `migrate` is told so that this one goes: the migration of the same app before it, None for the first."""
    app, _, migration = name.partition(".")
    node = executor.loader.graph.node_map.get((app, migration))
    if node is None:
        raise CommandError(f"{name} is no migration of this release.")
    if node.key not in executor.loader.applied_migrations:
        raise CommandError(f"{name} is not applied.")
    return app, next((parent.key[1] for parent in sorted(node.parents) if parent.key[0] == app), None)
