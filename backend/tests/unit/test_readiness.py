"""/readyz: each dependency with its state."""

import pytest
from django.db import connection

pytestmark = pytest.mark.django_db


def test_everything_well(client):
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json()["checks"] == {
        "database": {"ok": True, "state": "answers"},
        "migrations": {"ok": True, "state": "all applied"},
        "broker": {"ok": True, "state": "answers"},
    }


def test_broker_down_is_said_and_healthz_stays_up(client, settings):
    settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["status"] == "unavailable"
    assert answer.json()["checks"]["broker"] == {"ok": False, "state": "ConnectionError"}
    assert answer.json()["checks"]["database"]["ok"] is True
    assert client.get("/healthz").status_code == 200


def test_a_migration_not_applied_is_named(client):
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'timeline'")
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["checks"]["migrations"] == {"ok": False, "state": "1 not applied: timeline.0001_initial"}
