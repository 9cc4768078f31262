"""Posts, replies and likes."""

from django.conf import settings
from django.db import models

MAX_LENGTH = 500


class Post(models.Model):
    """A short text. The counters are recounted by a task, so a popular post is no bottleneck for those who like it."""

    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="posts")
    body = models.TextField(max_length=MAX_LENGTH)
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)
    like_count = models.PositiveIntegerField(default=0)
    reply_count = models.PositiveIntegerField(default=0)
    # Null until the post is in its readers' timelines; beat sweeps up what the broker lost.
    fanned_out_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["created_at"], condition=models.Q(fanned_out_at=None), name="post_waits_for_fan_out"),
        ]
        # The API refuses an empty post already; what else writes posts is held to it, too.
        constraints = [models.CheckConstraint(check=~models.Q(body=""), name="post_has_a_body")]

    def __str__(self) -> str:
        return f"{self.author}: {self.body[:40]}"


class Reply(models.Model):
    """An answer below a post."""

    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="replies")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="replies")
    body = models.TextField(max_length=MAX_LENGTH)
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        verbose_name_plural = "replies"
        indexes = [models.Index(fields=["post", "-created_at", "-id"], name="replies_in_order")]

    def __str__(self) -> str:
        return f"{self.author}: {self.body[:40]}"


class Like(models.Model):
    """One person's like of one post."""

    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="likes")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="likes")
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["post", "user"], name="like_once")]

    def __str__(self) -> str:
        return f"{self.user} ♥ {self.post_id}"
