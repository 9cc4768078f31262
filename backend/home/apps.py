from django.apps import AppConfig


class HomeConfig(AppConfig):
    """The landing page and its demonstration data."""

    name = "home"
