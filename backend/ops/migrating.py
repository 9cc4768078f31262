"""One process at a time changes the schema, however many hosts begin at once."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.core.management.base import CommandError
from django.db import OperationalError, connection

# Any constant that no other advisory lock of this database uses.
LOCK_KEY = 7_468_726_561_647_331


@contextmanager
def migrating() -> Iterator[None]:
    """Hold the lock, with the time limits that fit DDL. Raises CommandError in one sentence where it cannot be had."""
    # The lock lives on a connection of its own, so that nothing migrate does can let it go.
    guard = connection.copy()
    try:
        guard.ensure_connection()
    except OperationalError as error:
        raise CommandError(f"the database does not answer: {error}") from error
    try:
        with guard.cursor() as cursor:
            _lock(cursor)
            with connection.cursor() as ddl:
                # A statement queueing for a table lock blocks every query behind it: better to fail and try again.
                _lock_timeout(ddl, f"{settings.MIGRATE_LOCK_TIMEOUT_MS}ms")
                # Building an index may take longer than a request ever should.
                ddl.execute("SET statement_timeout = 0")
            yield
    finally:
        guard.close()


def _lock(cursor) -> None:
    seconds = settings.MIGRATE_WAIT_SECONDS
    cursor.execute("SET statement_timeout = 0")
    _lock_timeout(cursor, f"{seconds}s")
    try:
        cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK_KEY])
    except OperationalError as error:
        raise CommandError(f"another host has been migrating for {seconds} s; nothing was changed here.") from error


def _lock_timeout(cursor, value: str) -> None:
    cursor.execute("SELECT set_config('lock_timeout', %s, false)", [value])
