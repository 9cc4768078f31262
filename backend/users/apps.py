from django.apps import AppConfig


class UsersConfig(AppConfig):
    """Who writes and who follows whom."""

    name = "users"
