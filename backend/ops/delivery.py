"""Handing work to Celery without letting a broken broker break the request."""

import logging

from celery import Task
from django.db import transaction
from kombu.exceptions import OperationalError

log = logging.getLogger(__name__)


def send(task: Task, *args: object) -> None:
    """Queue `task` once the current transaction is committed; a failure is logged, and beat's sweep delivers posts later."""

    def publish() -> None:
        try:
            task.delay(*args)
        except OperationalError as error:
            log.error("could not queue %s%r: %s", task.name, args, error)

    transaction.on_commit(publish)
