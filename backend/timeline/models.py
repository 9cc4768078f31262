"""Timelines written ahead (fan-out on write) and the ranking of the day."""

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q

from posts.models import Post
from users.models import Follow


class TimelineEntries(models.QuerySet):
    """Timeline queries."""

    def readable_by(self, owner) -> "TimelineEntries":
        """Entries of `owner` by people still followed: a fan-out that raced with an unfollow stays invisible."""
        follows = Follow.objects.filter(follower=owner, followed=OuterRef("post__author"))
        return self.filter(Q(post__author=owner) | Exists(follows), owner=owner, post__author__is_active=True)


class TimelineEntry(models.Model):
    """`post` stands in the timeline of `owner`; `created_at` is the post's own, so order does not depend on workers."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="timeline")
    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField()

    objects = TimelineEntries.as_manager()

    class Meta:
        verbose_name_plural = "timeline entries"
        constraints = [models.UniqueConstraint(fields=["owner", "post"], name="entry_once")]
        indexes = [models.Index(fields=["owner", "-created_at", "-id"], name="timeline_in_order")]

    def __str__(self) -> str:
        return f"{self.owner}: {self.post_id}"


class TrendingPost(models.Model):
    """A rank of the latest ranking; the whole table is replaced each minute."""

    rank = models.PositiveSmallIntegerField(unique=True)
    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="+")
    score = models.PositiveIntegerField()
    computed_at = models.DateTimeField()

    class Meta:
        ordering = ["rank"]

    def __str__(self) -> str:
        return f"#{self.rank} {self.post}"
