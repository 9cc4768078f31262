"""The environment of a process, read once and refused in one sentence when it is not enough."""

from collections.abc import Mapping
from urllib.parse import unquote, urlsplit

# Either DATABASE_URL or all of these.
POSTGRES_KEYS = ("POSTGRES_HOST", "POSTGRES_DB", "POSTGRES_USER", "POSTGRES_PASSWORD")
REQUIRED_KEYS = ("DJANGO_SECRET_KEY", "DJANGO_ALLOWED_HOSTS", "CELERY_BROKER_URL")


class Environment:
    """Typed access to environment variables; an empty value counts as absent, as it does in an .env template."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        self._variables = variables

    def text(self, key: str, default: str = "") -> str:
        """The value of `key`, or `default`."""
        return self._variables.get(key, "").strip() or default

    def integer(self, key: str, default: int) -> int:
        """A whole number; anything else stops the process with a sentence that names the key."""
        value = self.text(key)
        try:
            return int(value) if value else default
        except ValueError:
            raise SystemExit(f"threads: {key} must be a whole number, not {value!r}.") from None

    def flag(self, key: str, default: bool = False) -> bool:
        """1/true/yes/on or 0/false/no/off, in any case."""
        value = self.text(key).lower()
        if value in ("1", "true", "yes", "on"):
            return True
        if value in ("0", "false", "no", "off"):
            return False
        if value:
            raise SystemExit(f"threads: {key} must be 1 or 0, not {value!r}.")
        return default

    def words(self, key: str) -> list[str]:
        """A comma-separated list."""
        return [word.strip() for word in self.text(key).split(",") if word.strip()]

    def refuse_if_incomplete(self) -> None:
        """Stop the process, naming every required key that has no value."""
        missing = [key for key in REQUIRED_KEYS if not self.text(key)]
        if not self.text("DATABASE_URL"):
            absent = [key for key in POSTGRES_KEYS if not self.text(key)]
            missing += ["DATABASE_URL"] if len(absent) == len(POSTGRES_KEYS) else absent
        if missing:
            verb = "is" if len(missing) == 1 else "are"
            raise SystemExit(f"threads: {', '.join(missing)} {verb} not set; .env.example explains every key.")

    def database(self) -> dict[str, object]:
        """Django's DATABASES entry, from DATABASE_URL or from POSTGRES_*."""
        url = self.text("DATABASE_URL")
        if not url:
            host, name, user, password = (self.text(key) for key in POSTGRES_KEYS)
            return self._postgres(host, self.integer("POSTGRES_PORT", 5432), name, user, password)
        parts = urlsplit(url)
        if parts.scheme not in ("postgres", "postgresql") or not parts.hostname:
            raise SystemExit("threads: DATABASE_URL must look like postgres://user:password@host:5432/name.")
        return self._postgres(
            parts.hostname,
            parts.port or 5432,
            unquote(parts.path.lstrip("/")),
            unquote(parts.username or ""),
            unquote(parts.password or ""),
        )

    def _postgres(self, host: str, port: int, name: str, user: str, password: str) -> dict[str, object]:
        seconds = self.integer("POSTGRES_STATEMENT_SECONDS", 25)
        return {
            "ENGINE": "django.db.backends.postgresql",
            "HOST": host,
            "PORT": port,
            "NAME": name,
            "USER": user,
            "PASSWORD": password,
            "CONN_MAX_AGE": 60,
            "CONN_HEALTH_CHECKS": True,
            "OPTIONS": {
                "connect_timeout": 3,
                "application_name": "threads",
                "options": f"-c statement_timeout={seconds}s",
            },
        }
