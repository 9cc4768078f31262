"""The Celery application, shared by web (which sends), celery (which works) and celery-beat (which schedules)."""

import os

from celery import Celery
from celery.signals import setup_logging

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "threads.settings")

app = Celery("threads")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect
def use_django_logging(**_: object) -> None:
    """Keep Celery from replacing the logging that Django has set up: one format in every container."""
