"""People and whom they follow."""

from django.contrib.auth.models import AbstractUser
from django.core.validators import RegexValidator
from django.db import models

USERNAME = RegexValidator(r"^[a-z0-9_]{2,30}\Z", "Use 2 to 30 lower-case letters, digits or underscores.")


class User(AbstractUser):
    """A person; the username is the address (`/api/users/<username>/`)."""

    username = models.CharField(max_length=30, unique=True, validators=[USERNAME])
    display_name = models.CharField(max_length=60, blank=True)
    bio = models.CharField(max_length=200, blank=True)
    following = models.ManyToManyField("self", through="Follow", symmetrical=False, related_name="followers")

    @property
    def name(self) -> str:
        """What is shown: the display name where there is one."""
        return self.display_name or self.username


class Follow(models.Model):
    """`follower` reads `followed`."""

    follower = models.ForeignKey(User, on_delete=models.CASCADE, related_name="follows")
    followed = models.ForeignKey(User, on_delete=models.CASCADE, related_name="followed_by")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["follower", "followed"], name="follow_once"),
            models.CheckConstraint(check=~models.Q(follower=models.F("followed")), name="follow_others_only"),
        ]

    def __str__(self) -> str:
        return f"{self.follower} → {self.followed}"
