"""Background work on timelines. Every task may run twice: delivery is at least once."""

from collections.abc import Iterable
from datetime import timedelta
from itertools import islice

from celery import shared_task
from django.db import OperationalError, connection, transaction
from django.db.models import Count, Q
from django.utils import timezone

from posts.models import Post
from users.models import Follow

from .models import TimelineEntry, TrendingPost

BATCH = 500
BACKFILL = 50
TRENDING_HOURS = 24
TRENDING_LENGTH = 10
TRENDING_LOCK_KEY = 7_468_726_561_647_332
RETRY = {"autoretry_for": (OperationalError,), "retry_backoff": True, "max_retries": 8}


@shared_task(**RETRY)
def fan_out_post(post_id: int) -> None:
    """Write a post into the timelines of its author and all followers. Safe to run again: what is there stays."""
    post = Post.objects.filter(pk=post_id).first()
    if post is None:  # deleted before the worker came to it
        return
    followers = Follow.objects.filter(followed=post.author_id).values_list("follower_id", flat=True)
    _write((TimelineEntry(owner_id=post.author_id, post=post, created_at=post.created_at),))
    _write(TimelineEntry(owner_id=pk, post=post, created_at=post.created_at) for pk in followers.iterator())
    Post.objects.filter(pk=post_id).update(fanned_out_at=timezone.now())


@shared_task(**RETRY)
def backfill_timeline(follower_id: int, followed_id: int) -> None:
    """Give a new follower the latest posts of the person followed, if that is still so."""
    if Follow.objects.filter(follower=follower_id, followed=followed_id).exists():
        posts = Post.objects.filter(author=followed_id)[:BACKFILL]
        _write(TimelineEntry(owner_id=follower_id, post=post, created_at=post.created_at) for post in posts)


@shared_task(**RETRY)
def sweep_fan_out() -> None:
    """Queue again what was posted while the broker was away."""
    late = timezone.now() - timedelta(seconds=30)
    waiting = Post.objects.filter(fanned_out_at=None, created_at__lt=late).order_by("created_at")
    for post_id in waiting.values_list("pk", flat=True)[:BATCH]:
        fan_out_post.delay(post_id)


@shared_task(**RETRY)
def compute_trending() -> None:
    """Rank the last day's posts: a like counts 1, a reply 2; replaces the whole ranking in one transaction."""
    since = timezone.now() - timedelta(hours=TRENDING_HOURS)
    likes = Count("likes", filter=Q(likes__created_at__gte=since), distinct=True)
    replies = Count("replies", filter=Q(replies__created_at__gte=since), distinct=True)
    with transaction.atomic():
        with connection.cursor() as cursor:
            # Two workers must not replace the table at the same time; the later one sees the earlier one's work.
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [TRENDING_LOCK_KEY])
        ranked = (
            Post.objects.filter(created_at__gte=since, author__is_active=True)
            .annotate(score=likes + 2 * replies)
            .filter(score__gt=0)
            .order_by("-score", "-created_at")[:TRENDING_LENGTH]
        )
        now = timezone.now()
        rows = [
            TrendingPost(rank=rank, post=post, score=post.score, computed_at=now) for rank, post in enumerate(ranked, 1)
        ]
        TrendingPost.objects.all().delete()
        TrendingPost.objects.bulk_create(rows)


def _write(entries: Iterable[TimelineEntry]) -> None:
    iterator = iter(entries)
    while batch := list(islice(iterator, BATCH)):
        TimelineEntry.objects.bulk_create(batch, ignore_conflicts=True)
