"""The landing page."""

from django.conf import settings
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from posts.queries import visible_posts
from timeline.models import TrendingPost
from users.models import User

LATEST = 12


@require_safe
def landing(request: HttpRequest) -> HttpResponse:
    """The latest posts, the ranking and the release that shows them."""
    ranking = TrendingPost.objects.filter(post__author__is_active=True).select_related("post__author")
    writers = (
        User.objects.filter(is_active=True)
        .annotate(readers=Count("followed_by", distinct=True), written=Count("posts", distinct=True))
        .filter(Q(readers__gt=0) | Q(written__gt=0))
        .order_by("-readers", "-written", "username")[:4]
    )
    context = {
        "posts": visible_posts(request.user)[:LATEST],
        "trending": ranking[:5],
        "writers": writers,
        "release": settings.RELEASE,
        "short_release": _short(settings.RELEASE),
    }
    response = render(request, "home/landing.html", context)
    response["Content-Security-Policy"] = "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'"
    response["Cache-Control"] = "no-cache"
    return response


def _short(release: str) -> str:
    """Twelve digits of a commit, with its `-dirty` if it has one."""
    revision, dash, state = release.partition("-")
    return revision[:12] + dash + state
