"""The tasks called directly: what they write, and that a second run changes nothing."""

from datetime import timedelta

import pytest
from django.utils import timezone

from posts.models import Post
from posts.tasks import recount_post
from tests.people import bodies, client_of, post_by
from timeline.models import TimelineEntry, TrendingPost
from timeline.tasks import backfill_timeline, compute_trending, fan_out_post
from users.models import Follow, User

pytestmark = pytest.mark.django_db


def test_fan_out_reaches_the_author_and_followers_once():
    ada, kofi, ines = client_of("ada"), client_of("kofi"), client_of("ines")
    kofi.post("/api/users/ada/follow/")
    number = post_by(ada, "hello")
    fan_out_post(number)
    fan_out_post(number)
    assert TimelineEntry.objects.count() == 2
    assert bodies(ada.get("/api/timeline/")) == bodies(kofi.get("/api/timeline/")) == ["hello"]
    assert bodies(ines.get("/api/timeline/")) == []


def test_fan_out_of_a_deleted_post_does_nothing():
    fan_out_post(999_999)
    assert not TimelineEntry.objects.exists()


def test_an_entry_written_after_an_unfollow_stays_invisible():
    ada, kofi = client_of("ada"), client_of("kofi")
    kofi.post("/api/users/ada/follow/")
    number = post_by(ada)
    fan_out_post(number)
    # The follow goes but its entry stays, as when a worker was between its query and its write.
    Follow.objects.all().delete()
    assert TimelineEntry.objects.filter(owner__username="kofi").exists()
    assert bodies(kofi.get("/api/timeline/")) == []


def test_timeline_order_is_the_order_of_writing_not_of_workers():
    ada = client_of("ada")
    first, second = post_by(ada, "first"), post_by(ada, "second")
    fan_out_post(second)
    fan_out_post(first)
    assert bodies(ada.get("/api/timeline/")) == ["second", "first"]


def test_backfill_checks_that_the_follow_still_stands():
    ada, kofi = client_of("ada"), client_of("kofi")
    post_by(ada, "old")
    people = {user.username: user.pk for user in User.objects.all()}
    backfill_timeline(people["kofi"], people["ada"])
    assert bodies(kofi.get("/api/timeline/")) == []
    kofi.post("/api/users/ada/follow/")
    backfill_timeline(people["kofi"], people["ada"])
    backfill_timeline(people["kofi"], people["ada"])
    assert bodies(kofi.get("/api/timeline/")) == ["old"]


def test_timeline_says_what_the_reader_likes():
    ada = client_of("ada")
    number = post_by(ada)
    fan_out_post(number)
    ada.post(f"/api/posts/{number}/like/")
    recount_post(number)
    post = ada.get("/api/timeline/").json()["results"][0]
    assert (post["liked"], post["like_count"]) == (True, 1)


def test_trending_weighs_replies_more_and_forgets_yesterday(anonymous):
    ada, kofi = client_of("ada"), client_of("kofi")
    quiet, liked, discussed, old = (post_by(ada, body) for body in ("quiet", "liked", "discussed", "old"))
    kofi.post(f"/api/posts/{liked}/like/")
    kofi.post(f"/api/posts/{discussed}/replies/", {"body": "hm"})
    kofi.post(f"/api/posts/{old}/like/")
    Post.objects.filter(pk=old).update(created_at=timezone.now() - timedelta(hours=25))
    compute_trending()
    compute_trending()
    answer = anonymous.get("/api/trending/").json()
    assert [(row["rank"], row["post"]["body"], row["score"]) for row in answer["results"]] == [
        (1, "discussed", 2),
        (2, "liked", 1),
    ]
    assert answer["computed_at"]
    assert not TrendingPost.objects.filter(post=quiet).exists()


def test_trending_is_an_empty_list_before_the_first_computation(anonymous):
    assert anonymous.get("/api/trending/").json() == {"computed_at": None, "results": []}


def test_every_task_is_acknowledged_late():
    from threads import celery_app

    ours = [task for name, task in celery_app.tasks.items() if name.split(".")[0] in ("posts", "timeline")]
    assert len(ours) == 5
    assert all(task.acks_late for task in ours)
