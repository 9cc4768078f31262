"""Background work that only proves something."""

import redis
from celery import shared_task
from django.conf import settings


@shared_task
def come_back(key: str) -> None:
    """Leave a word under `key` of the broker for a minute: whoever waits there knows that a worker has done this."""
    with redis.Redis.from_url(settings.CELERY_BROKER_URL, socket_timeout=5) as client, client.pipeline() as pipe:
        pipe.rpush(key, "here").expire(key, 60).execute()
