"""Queries shared by the API and the landing page."""

from django.db.models import BooleanField, Exists, OuterRef, QuerySet, Value

from .models import Like, Post


def visible_posts(reader) -> QuerySet[Post]:
    """Posts of active people with their authors, and whether `reader` (possibly anonymous) likes each."""
    if reader.is_authenticated:
        liked = Exists(Like.objects.filter(post=OuterRef("pk"), user=reader))
    else:
        liked = Value(False, output_field=BooleanField())
    return Post.objects.filter(author__is_active=True).select_related("author").annotate(is_liked=liked)
