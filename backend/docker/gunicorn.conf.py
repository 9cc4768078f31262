"""gunicorn's settings; the numbers come from the environment file."""

import os
import selectors

bind = "0.0.0.0:8000"
# One import of the application shared by all workers: less memory, and a wrong configuration stops the start.
preload_app = True
workers = int(os.environ.get("GUNICORN_WORKERS") or 2)
worker_class = "gthread"
threads = int(os.environ.get("GUNICORN_THREADS") or 4)
timeout = 30
graceful_timeout = 25
keepalive = 5
# The worker heartbeat lives in memory: on a slow disk it would kill healthy workers.
worker_tmp_dir = "/dev/shm"
# nginx writes the access log; X-Forwarded-* are trusted because only nginx can reach this port.
accesslog = None
forwarded_allow_ips = "*"
loglevel = (os.environ.get("LOG_LEVEL") or "info").lower()


def post_worker_init(worker):
    """Let a signal end the idle wait: a gthread worker otherwise sees TERM only when its one-second poll is over."""
    worker.poller.register(worker.PIPE[0], selectors.EVENT_READ, lambda pipe: os.read(pipe, 64))
