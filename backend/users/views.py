"""Sign up, profiles, following."""

from django.db import transaction
from django.db.models import Count
from django.shortcuts import get_object_or_404
from rest_framework import generics, status
from rest_framework.exceptions import ValidationError
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from ops.delivery import send
from timeline.models import TimelineEntry
from timeline.tasks import backfill_timeline

from .models import Follow, User
from .serializers import ProfileSerializer, SignUpSerializer


class SignUp(generics.CreateAPIView):
    """`POST /api/users/`: create an account."""

    permission_classes = [AllowAny]
    serializer_class = SignUpSerializer


class Profile(generics.RetrieveAPIView):
    """`GET /api/users/<username>/`."""

    lookup_field = "username"
    serializer_class = ProfileSerializer
    queryset = User.objects.filter(is_active=True).annotate(
        follower_count=Count("followed_by", distinct=True),
        following_count=Count("follows", distinct=True),
        post_count=Count("posts", distinct=True),
    )


class FollowUser(APIView):
    """`POST` follows (201, or 200 when already following), `DELETE` unfollows (204 either way)."""

    permission_classes = [IsAuthenticated]

    def post(self, request: Request, username: str) -> Response:
        other = get_object_or_404(User, username=username, is_active=True)
        if other == request.user:
            raise ValidationError({"detail": "You cannot follow yourself."})
        _, created = Follow.objects.get_or_create(follower=request.user, followed=other)
        if created:
            send(backfill_timeline, request.user.pk, other.pk)
        code = status.HTTP_201_CREATED if created else status.HTTP_200_OK
        return Response({"following": other.username}, status=code)

    @transaction.atomic
    def delete(self, request: Request, username: str) -> Response:
        other = get_object_or_404(User, username=username)
        Follow.objects.filter(follower=request.user, followed=other).delete()
        TimelineEntry.objects.filter(owner=request.user, post__author=other).delete()
        return Response(status=status.HTTP_204_NO_CONTENT)
