"""What this process needs from others: the database, its migrations and the broker."""

import logging

import redis
from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

log = logging.getLogger(__name__)
Check = dict[str, object]


def readiness() -> dict[str, Check]:
    """Each dependency with `ok` and one `state` word or sentence. Never raises; takes at most about five seconds."""
    return {"database": _run(_database), "migrations": _run(_migrations), "broker": _run(_broker)}


def _run(check) -> Check:
    try:
        return check()
    except Exception as error:  # noqa: BLE001  (a probe reports whatever is wrong)
        log.warning("readiness: %s: %s", check.__name__.strip("_"), error)
        # The class only: messages of drivers carry host names and users.
        return {"ok": False, "state": type(error).__name__}


def _database() -> Check:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return {"ok": True, "state": "answers"}


def _migrations() -> Check:
    executor = MigrationExecutor(connection)
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if waiting:
        names = ", ".join(f"{step.app_label}.{step.name}" for step, _ in waiting[:3])
        return {"ok": False, "state": f"{len(waiting)} not applied: {names}"}
    return {"ok": True, "state": "all applied"}


def _broker() -> Check:
    client = redis.Redis.from_url(settings.CELERY_BROKER_URL, socket_connect_timeout=2, socket_timeout=2)
    with client:
        client.ping()
    return {"ok": True, "state": "answers"}
