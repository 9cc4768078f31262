"""Processes as containers start them: gunicorn, migrate_once, and the refusal to start."""

import json
import subprocess
import sys
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

import psycopg
import pytest
from django.db import connection
from rest_framework.authtoken.models import Token

from ops.migrating import LOCK_KEY
from posts.models import Post
from tests.people import client_of

from .conftest import environment, eventually, running

NOWHERE = "127.0.0.1:1"


def fetch(url: str, *, data: dict | None = None, token: str = "") -> tuple[int, dict, dict]:
    """Status, headers and JSON of an answer, whatever its status."""
    headers = {"Content-Type": "application/json", "Host": "testserver"}
    if token:
        headers["Authorization"] = f"Token {token}"
    request = Request(url, headers=headers, data=json.dumps(data).encode() if data else None)
    try:
        answer = urlopen(request, timeout=20)
    except HTTPError as error:
        answer = error
    return answer.status, dict(answer.headers), json.loads(answer.read())


def gunicorn(port: int, **changes: str):
    """The web server as the image starts it, on another port."""
    arguments = ("gunicorn", "--config", "docker/gunicorn.conf.py", "--bind", f"127.0.0.1:{port}")
    return running(*arguments, "threads.wsgi:application", REVISION="abc123", GUNICORN_WORKERS="1", **changes)


def answers(url: str) -> bool:
    try:
        return fetch(url)[0] == 200
    except (URLError, ConnectionError):
        return False


@pytest.mark.django_db(transaction=True)
def test_without_a_broker_posts_are_kept_and_readyz_says_why():
    client_of("ada")
    token = Token.objects.get().key
    with gunicorn(8001, CELERY_BROKER_URL=f"redis://{NOWHERE}/0"):
        eventually(lambda: answers("http://127.0.0.1:8001/healthz"))
        status, headers, body = fetch("http://127.0.0.1:8001/healthz")
        assert (status, headers["X-Release"], body["release"]) == (200, "abc123", "abc123")
        status, _, body = fetch("http://127.0.0.1:8001/readyz")
        assert (status, body["checks"]["broker"]["ok"], body["checks"]["database"]["ok"]) == (503, False, True)
        status, _, body = fetch("http://127.0.0.1:8001/api/posts/", data={"body": "kept"}, token=token)
        assert (status, body["body"]) == (201, "kept")
    assert Post.objects.get().fanned_out_at is None


@pytest.mark.django_db(transaction=True)
def test_without_a_database_healthz_answers_and_readyz_does_not():
    with gunicorn(8002, DATABASE_URL=f"postgres://u:p@{NOWHERE}/d"):
        eventually(lambda: answers("http://127.0.0.1:8002/healthz"))
        status, _, body = fetch("http://127.0.0.1:8002/readyz")
    assert status == 503
    assert body["checks"]["database"] == {"ok": False, "state": "OperationalError"}
    assert body["checks"]["broker"]["ok"] is True


@pytest.mark.parametrize(
    "command",
    [
        ["manage.py", "migrate_once"],
        ["-m", "gunicorn", "--config", "docker/gunicorn.conf.py", "threads.wsgi:application"],
        ["-m", "celery", "--app", "threads", "worker"],
        ["-m", "celery", "--app", "threads", "beat", "--pidfile="],
    ],
    ids=["migrate", "web", "celery", "celery-beat"],
)
@pytest.mark.django_db
def test_a_missing_key_stops_every_service_with_one_sentence(command):
    result = subprocess.run(
        [sys.executable, *command], env=environment(DJANGO_SECRET_KEY=""), capture_output=True, text=True, timeout=30
    )
    said = [line for line in result.stderr.splitlines() if "[INFO]" not in line]
    assert result.returncode != 0
    assert said == ["threads: DJANGO_SECRET_KEY is not set; .env.example explains every key."]


@pytest.fixture
def empty_database(django_db_setup, django_db_blocker):
    """A URL of a database without tables; gone afterwards."""
    with django_db_blocker.unblock():
        base = environment()["DATABASE_URL"].rpartition("/")[0]
    with psycopg.connect(f"{base}/postgres", autocommit=True) as server:
        server.execute("CREATE DATABASE race")
        yield f"{base}/race"
        server.execute("DROP DATABASE race WITH (FORCE)")


def migrate_once(url: str, **changes: str) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "manage.py", "migrate_once"],
        env=environment(DATABASE_URL=url, **changes),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_two_hosts_migrate_at_once_and_one_does_the_work(empty_database):
    hosts = [migrate_once(empty_database) for _ in range(2)]
    said = sorted((host.communicate(timeout=60) for host in hosts), key=lambda pair: len(pair[0]))
    assert [host.returncode for host in hosts] == [0, 0], said
    assert "No migrations to apply" in said[0][0]
    assert "Applying users.0001_initial... OK" in said[1][0]


def test_waiting_for_another_host_has_an_end(empty_database):
    with psycopg.connect(empty_database) as other:
        other.execute("SELECT pg_advisory_lock(%s)", [LOCK_KEY])
        host = migrate_once(empty_database, MIGRATE_WAIT_SECONDS="1")
        _, said = host.communicate(timeout=60)
    assert host.returncode == 1
    assert "another host has been migrating for 1 s; nothing was changed here." in said


def test_a_database_that_is_not_there_is_one_sentence():
    host = migrate_once(f"postgres://u:p@{NOWHERE}/d")
    _, said = host.communicate(timeout=60)
    assert host.returncode == 1
    assert said.startswith("CommandError: the database does not answer")
    assert "Traceback" not in said


@pytest.mark.django_db
def test_the_connection_is_psycopg_3():
    connection.ensure_connection()
    assert isinstance(connection.connection, psycopg.Connection)
