"""Background work on posts."""

from celery import shared_task
from django.db import OperationalError

from .models import Like, Post, Reply


@shared_task(autoretry_for=(OperationalError,), retry_backoff=True, max_retries=8)
def recount_post(post_id: int) -> None:
    """Set the counters of a post to what is there: the same result however often and in whatever order it runs."""
    Post.objects.filter(pk=post_id).update(
        like_count=Like.objects.filter(post=post_id).count(),
        reply_count=Reply.objects.filter(post=post_id).count(),
    )
