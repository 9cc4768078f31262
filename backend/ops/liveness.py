"""Heartbeat files: cheap proof for docker/fresh.sh that the worker and the scheduler turn, and turn together."""

from pathlib import Path

from celery import Task
from celery.beat import Scheduler
from celery.signals import heartbeat_sent, task_success, worker_ready, worker_shutting_down
from django.conf import settings

WORKER_FILE = Path("/tmp/celery-alive")
BEAT_FILE = Path("/tmp/celery-beat-alive")
SCHEDULED_FILE = Path("/tmp/scheduled-task-done")
SCHEDULED = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}


@worker_ready.connect
def worker_is_ready(**_: object) -> None:
    """The worker consumes: from here on it counts as healthy."""
    WORKER_FILE.touch()


@heartbeat_sent.connect
def worker_beats(**_: object) -> None:
    """Every two seconds while the broker is reached; nothing before the worker was ready."""
    if WORKER_FILE.exists():
        WORKER_FILE.touch()


@worker_shutting_down.connect
def worker_stops(**_: object) -> None:
    """A worker on its way out is not healthy, though it still finishes its tasks."""
    WORKER_FILE.unlink(missing_ok=True)


@task_success.connect
def scheduled_task_is_done(sender: Task, **_: object) -> None:
    """The whole way: beat has sent it, the broker has carried it, this worker has done it, with the database."""
    if sender.name in SCHEDULED:
        SCHEDULED_FILE.touch()


class HeartbeatScheduler(Scheduler):
    """Beat's in-memory scheduler that touches a file on every turn of its loop (at least every five seconds)."""

    def tick(self, *args: object, **kwargs: object) -> float:
        pause = super().tick(*args, **kwargs)
        BEAT_FILE.touch()
        return pause
