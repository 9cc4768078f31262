"""Settings. Every value that differs between environments comes from the environment file (see .env.example)."""

import os
from pathlib import Path

from .environment import Environment

BASE_DIR = Path(__file__).resolve().parent.parent
env = Environment(os.environ)
env.refuse_if_incomplete()

# Baked into the image; it names the release in /healthz, X-Release and the footer.
RELEASE = env.text("REVISION", "dev")

SECRET_KEY = env.text("DJANGO_SECRET_KEY")
DEBUG = env.flag("DJANGO_DEBUG")
ALLOWED_HOSTS = env.words("DJANGO_ALLOWED_HOSTS")
CSRF_TRUSTED_ORIGINS = env.words("DJANGO_CSRF_TRUSTED_ORIGINS")

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "rest_framework.authtoken",
    "ops",
    "users",
    "posts",
    "timeline",
    "home",
]
AUTH_USER_MODEL = "users.User"
MIDDLEWARE = [
    "ops.middleware.ReleaseMiddleware",
    # Before SecurityMiddleware and the host check: probes come over plain HTTP and by IP address.
    "ops.middleware.HealthMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "threads.urls"
WSGI_APPLICATION = "threads.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

DATABASES = {"default": env.database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# migrate_once: how long a second host waits for the first, and how long one statement may wait for a lock.
MIGRATE_WAIT_SECONDS = env.integer("MIGRATE_WAIT_SECONDS", 300)
MIGRATE_LOCK_TIMEOUT_MS = env.integer("MIGRATE_LOCK_TIMEOUT_MS", 5000)

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.TokenAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticatedOrReadOnly"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_PAGINATION_CLASS": "ops.pagination.NewestFirst",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "assets"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"},
}

# HTTPS ends at the load balancer, which says so in X-Forwarded-Proto.
HTTPS = env.flag("DJANGO_HTTPS", default=True)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_SSL_REDIRECT = HTTPS
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
# W005, W021: whether the other names of the domain are HTTPS-only is not for one application to promise.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]

LANGUAGE_CODE = "en-us"
TIME_ZONE = "UTC"
USE_I18N = False
USE_TZ = True

CELERY_BROKER_URL = env.text("CELERY_BROKER_URL")
CELERY_WORKER_CONCURRENCY = env.integer("CELERY_CONCURRENCY", 2)
# Processes, Celery's default, and not the thread pool: there an acknowledgement does not wake the loop that fetches, so
# over Redis the next task waits for up to two seconds. What a time limit would bound, statement_timeout does.
CELERY_WORKER_POOL = "prefork"
# At least once: a task is acknowledged when it is done, so every task here is idempotent.
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_IGNORE_RESULT = True
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
# A request must not hang on a dead broker: two quick tries, then the sweep of beat delivers.
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 1, "interval_start": 0, "interval_step": 0.2}
CELERY_BROKER_TRANSPORT_OPTIONS = {
    # The tasks of a worker that was killed come back after five minutes.
    "visibility_timeout": 300,
    "socket_connect_timeout": 2,
    "socket_keepalive": True,
    "max_retries": 1,
}
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_SEND_TASK_EVENTS = False
CELERY_BEAT_SCHEDULER = "ops.liveness:HeartbeatScheduler"
CELERY_BEAT_MAX_LOOP_INTERVAL = 5
CELERY_BEAT_SCHEDULE = {
    "compute-trending": {
        "task": "timeline.tasks.compute_trending",
        "schedule": env.integer("TRENDING_SECONDS", 60),
        # A minute that nobody computed is not worth computing twice.
        "options": {"expires": 60},
    },
    "sweep-fan-out": {
        "task": "timeline.tasks.sweep_fan_out",
        "schedule": 60,
        "options": {"expires": 60},
    },
}

LOG_LEVEL = env.text("LOG_LEVEL", "INFO").upper()
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": LOG_LEVEL},
    "loggers": {"django": {"handlers": ["stderr"], "level": LOG_LEVEL, "propagate": False}},
}
