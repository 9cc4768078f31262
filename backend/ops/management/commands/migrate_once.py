"""`migrate_once`: migrations that any number of hosts may start at the same time."""

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, connection

# Any constant that no other advisory lock of this database uses.
LOCK_KEY = 7_468_726_561_647_331


class Command(BaseCommand):
    help = "Apply migrations under an advisory lock; a second caller waits, then finds nothing to do."

    def handle(self, *args: object, **options: object) -> None:
        # The lock lives on a connection of its own, so that nothing migrate does can let it go.
        guard = connection.copy()
        try:
            guard.ensure_connection()
        except OperationalError as error:
            raise CommandError(f"the database does not answer: {error}") from error
        try:
            with guard.cursor() as cursor:
                self._lock(cursor)
                with connection.cursor() as ddl:
                    # A statement queueing for a table lock blocks every query behind it: better to fail and try again.
                    _lock_timeout(ddl, f"{settings.MIGRATE_LOCK_TIMEOUT_MS}ms")
                    # Building an index may take longer than a request ever should.
                    ddl.execute("SET statement_timeout = 0")
                call_command("migrate", interactive=False, verbosity=options["verbosity"])
        finally:
            guard.close()

    def _lock(self, cursor) -> None:
        seconds = settings.MIGRATE_WAIT_SECONDS
        cursor.execute("SET statement_timeout = 0")
        _lock_timeout(cursor, f"{seconds}s")
        try:
            cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK_KEY])
        except OperationalError as error:
            raise CommandError(f"another host has been migrating for {seconds} s; nothing was changed here.") from error


def _lock_timeout(cursor, value: str) -> None:
    cursor.execute("SELECT set_config('lock_timeout', %s, false)", [value])
