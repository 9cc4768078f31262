"""Reading timelines and the ranking."""

from django.db.models import Exists, OuterRef
from rest_framework import generics, serializers
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from posts.models import Like
from posts.queries import visible_posts
from posts.serializers import PostSerializer

from .models import TimelineEntry, TrendingPost


class EntrySerializer(serializers.BaseSerializer):
    """A timeline entry looks like its post."""

    def to_representation(self, entry: TimelineEntry) -> dict:
        entry.post.is_liked = entry.is_liked
        return PostSerializer(entry.post, context=self.context).data


class Timeline(generics.ListAPIView):
    """`GET /api/timeline/`: own posts and those of people followed, newest first."""

    permission_classes = [IsAuthenticated]
    serializer_class = EntrySerializer

    def get_queryset(self):
        reader = self.request.user
        liked = Exists(Like.objects.filter(post=OuterRef("post"), user=reader))
        return TimelineEntry.objects.readable_by(reader).select_related("post__author").annotate(is_liked=liked)


class Trending(APIView):
    """`GET /api/trending/`: the ranking of the last computation, best first."""

    permission_classes = [AllowAny]

    def get(self, request: Request) -> Response:
        ranking = list(TrendingPost.objects.all())
        posts = visible_posts(request.user).in_bulk([row.post_id for row in ranking])
        results = [
            {"rank": row.rank, "score": row.score, "post": PostSerializer(posts[row.post_id]).data}
            for row in ranking
            if row.post_id in posts
        ]
        return Response({"computed_at": ranking[0].computed_at if ranking else None, "results": results})
