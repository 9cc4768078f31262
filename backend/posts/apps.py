from django.apps import AppConfig


class PostsConfig(AppConfig):
    """What people write, answer and like."""

    name = "posts"
