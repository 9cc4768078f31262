"""`migrate_once`: migrations that any number of hosts may start at the same time."""

from django.core.management import call_command
from django.core.management.base import BaseCommand

from ops.migrating import migrating


class Command(BaseCommand):
    help = "Apply migrations under an advisory lock; a second caller waits, then finds nothing to do."

    def handle(self, *args: object, **options: object) -> None:
        with migrating():
            call_command("migrate", interactive=False, verbosity=options["verbosity"])
