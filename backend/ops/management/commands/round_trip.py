"""`round_trip`: sends one task to whatever worker there is, and waits for it."""

import time
import uuid

import redis
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from ops.tasks import come_back


class Command(BaseCommand):
    help = "Send a task through the broker and wait until a worker has done it."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--seconds", type=int, default=10, help="how long it may take (10)")

    def handle(self, *args: object, seconds: int, **options: object) -> None:
        key = f"round-trip-{uuid.uuid4()}"
        begun = time.monotonic()
        with redis.Redis.from_url(settings.CELERY_BROKER_URL, socket_timeout=seconds + 5) as client:
            # A worker that comes back to life later need not do what nobody waits for.
            come_back.apply_async((key,), expires=seconds)
            if client.blpop([key], timeout=seconds) is None:
                raise CommandError(f"no worker has done a task within {seconds} s.")
        self.stdout.write(f"a task came back in {time.monotonic() - begun:.2f} s")
