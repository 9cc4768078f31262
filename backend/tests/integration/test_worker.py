"""What API users see when tasks travel through Redis to a real worker."""

import re
import signal
from datetime import timedelta
from io import StringIO

import pytest
import redis
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from ops.liveness import BEAT_FILE, SCHEDULED_FILE
from posts.models import Post
from tests.people import bodies, client_of, post_by
from timeline.models import TimelineEntry, TrendingPost
from timeline.tasks import TRENDING_LOCK_KEY, compute_trending, fan_out_post, sweep_fan_out
from users.models import User

from .conftest import DEADLINE, WORKER, eventually, running

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("worker")]


def delivered(number: int) -> None:
    """Wait until a worker has written the post into its timelines."""
    eventually(lambda: Post.objects.filter(pk=number, fanned_out_at__isnull=False).exists())


def test_a_post_reaches_the_followers_and_nobody_else():
    ada, kofi, ines = client_of("ada"), client_of("kofi"), client_of("ines")
    kofi.post("/api/users/ada/follow/")
    delivered(post_by(ada, "hello"))
    assert bodies(kofi.get("/api/timeline/")) == bodies(ada.get("/api/timeline/")) == ["hello"]
    assert bodies(ines.get("/api/timeline/")) == []


def test_following_brings_older_posts_and_unfollowing_takes_them_away():
    ada, kofi = client_of("ada"), client_of("kofi")
    delivered(post_by(ada, "before"))
    kofi.post("/api/users/ada/follow/")
    eventually(lambda: bodies(kofi.get("/api/timeline/")) == ["before"])

    kofi.delete("/api/users/ada/follow/")
    assert bodies(kofi.get("/api/timeline/")) == []
    delivered(post_by(ada, "after"))
    assert bodies(kofi.get("/api/timeline/")) == []


def test_a_task_delivered_twice_writes_once():
    ada = client_of("ada")
    number = post_by(ada)
    delivered(number)
    Post.objects.update(fanned_out_at=None)
    fan_out_post.delay(number)
    delivered(number)
    assert TimelineEntry.objects.count() == 1


def test_a_burst_is_worked_off_as_fast_as_it_comes():
    ada = client_of("ada")
    for number in range(60):
        post_by(ada, str(number))
    eventually(lambda: not Post.objects.filter(fanned_out_at=None).exists())


def test_counters_follow_likes_and_replies():
    ada, kofi = client_of("ada"), client_of("kofi")
    number = post_by(ada)

    def counts() -> tuple[int, int]:
        post = ada.get(f"/api/posts/{number}/").json()
        return post["like_count"], post["reply_count"]

    kofi.post(f"/api/posts/{number}/like/")
    kofi.post(f"/api/posts/{number}/like/")
    kofi.post(f"/api/posts/{number}/replies/", {"body": "yes"})
    eventually(lambda: counts() == (1, 1))
    kofi.delete(f"/api/posts/{number}/like/")
    eventually(lambda: counts() == (0, 1))


def test_the_timeline_pages_through_what_the_worker_wrote():
    ada, kofi = client_of("ada"), client_of("kofi")
    kofi.post("/api/users/ada/follow/")
    for number in range(5):
        delivered(post_by(ada, str(number)))
    first = kofi.get("/api/timeline/?limit=3")
    assert bodies(first) == ["4", "3", "2"]
    assert bodies(kofi.get(first.json()["next"])) == ["1", "0"]


def test_the_sweep_delivers_what_the_broker_lost():
    ada = client_of("ada")
    Post.objects.create(author=User.objects.get(username="ada"), body="lost")
    Post.objects.update(created_at=timezone.now() - timedelta(minutes=1))
    sweep_fan_out.delay()
    eventually(lambda: bodies(ada.get("/api/timeline/")) == ["lost"])


def test_beat_has_the_ranking_computed(anonymous):
    ada = client_of("ada")
    number = post_by(ada, "talk of the town")
    ada.post(f"/api/posts/{number}/like/")
    BEAT_FILE.unlink(missing_ok=True)
    with running("celery", "--app", "threads", "beat", "--pidfile=", "--loglevel", "warning", TRENDING_SECONDS="1"):
        eventually(BEAT_FILE.exists)
        ranking = eventually(lambda: anonymous.get("/api/trending/").json()["results"])
    assert [(row["rank"], row["post"]["body"]) for row in ranking] == [(1, "talk of the town")]


def test_a_worker_told_to_stop_finishes_its_task():
    ada = client_of("ada")
    number = post_by(ada)
    ada.post(f"/api/posts/{number}/like/")
    with running(*WORKER, "--queues", "slow", "--hostname", "slow@%h", CELERY_CONCURRENCY="1") as slow:
        # The lock that the task wants is held here, so the task is surely in the middle when TERM comes.
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [TRENDING_LOCK_KEY])
            compute_trending.apply_async(queue="slow")
            eventually(lambda: _waits_for_the_lock(cursor))
            slow.send_signal(signal.SIGTERM)
            assert slow.poll() is None
            cursor.execute("SELECT pg_advisory_unlock(%s)", [TRENDING_LOCK_KEY])
        assert slow.wait(timeout=DEADLINE) == 0
    # Finished and acknowledged: no other worker will get it again.
    with redis.Redis.from_url(settings.CELERY_BROKER_URL) as broker:
        eventually(lambda: broker.hlen("unacked") == 0)
    assert TrendingPost.objects.get().post_id == number


def _waits_for_the_lock(cursor) -> bool:
    cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
    return cursor.fetchone()[0] > 0


def test_a_round_trip_is_told_and_one_without_a_worker_is_refused(worker):
    out = StringIO()
    call_command("round_trip", stdout=out)
    assert re.fullmatch(r"a task came back in \d+\.\d\d s\n", out.getvalue())
    worker.send_signal(signal.SIGSTOP)
    try:
        with pytest.raises(CommandError, match="no worker has done a task within 1 s."):
            call_command("round_trip", seconds=1)
    finally:
        worker.send_signal(signal.SIGCONT)


def test_what_beat_schedules_leaves_word_once_it_is_done():
    SCHEDULED_FILE.unlink(missing_ok=True)
    fan_out_post.delay(0)
    compute_trending.delay()
    eventually(SCHEDULED_FILE.exists)
