from django.apps import AppConfig


class TimelineConfig(AppConfig):
    """What each person reads, and what everybody talks about."""

    name = "timeline"
