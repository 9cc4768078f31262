from django.apps import AppConfig


class OpsConfig(AppConfig):
    """Health, release identity, liveness of the background processes, guarded migrations."""

    name = "ops"

    def ready(self) -> None:
        from . import liveness  # noqa: F401  (connects the worker's signals)
