"""Real processes beside the real database and the real broker."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from django.db import connection

DEADLINE = 30
WORKER = "celery --app threads worker --without-mingle --without-gossip --loglevel warning".split()


def eventually(condition: Callable[[], object]) -> object:
    """The first true result of `condition`; fails after a deadline that no healthy run comes near."""
    end = time.monotonic() + DEADLINE
    while time.monotonic() < end:
        if result := condition():
            return result
        time.sleep(0.05)
    pytest.fail(f"still not so after {DEADLINE} s")


def environment(**changes: str) -> dict[str, str]:
    """This environment, pointing at the test database."""
    own = connection.settings_dict
    url = f"postgres://{own['USER']}:{own['PASSWORD']}@{own['HOST']}:{own['PORT']}/{own['NAME']}"
    return {**os.environ, "DATABASE_URL": url, **changes}


@contextmanager
def running(*arguments: str, **changes: str) -> Iterator[subprocess.Popen]:
    """`python3 -m arguments...` for as long as the block lasts."""
    process = subprocess.Popen([sys.executable, "-m", *arguments], env=environment(**changes))
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(timeout=DEADLINE)
        except subprocess.TimeoutExpired:
            process.kill()
            raise


@pytest.fixture(scope="session")
def worker(django_db_setup, django_db_blocker) -> Iterator[subprocess.Popen]:
    """A celery worker on the test database."""
    from ops.liveness import WORKER_FILE

    WORKER_FILE.unlink(missing_ok=True)
    with running(*WORKER, CELERY_CONCURRENCY="2") as process:
        eventually(WORKER_FILE.exists)
        yield process
