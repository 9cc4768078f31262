"""Posting, replying, liking."""

from django.shortcuts import get_object_or_404
from rest_framework import generics, permissions, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from ops.delivery import send
from timeline.tasks import fan_out_post
from users.models import User

from .models import Like, Post
from .queries import visible_posts
from .serializers import PostSerializer, ReplySerializer
from .tasks import recount_post


class AuthorMayChange(permissions.BasePermission):
    """Everybody reads; only the author changes or deletes."""

    message = "Only the author may do that."

    def has_object_permission(self, request: Request, view: APIView, obj: Post) -> bool:
        return request.method in permissions.SAFE_METHODS or obj.author_id == request.user.pk


class Posts(generics.ListCreateAPIView):
    """`GET /api/posts/`: the latest of everybody. `POST`: write one."""

    serializer_class = PostSerializer

    def get_queryset(self):
        return visible_posts(self.request.user)

    def perform_create(self, serializer: PostSerializer) -> None:
        post = serializer.save(author=self.request.user)
        send(fan_out_post, post.pk)


class PostsOfUser(generics.ListAPIView):
    """`GET /api/users/<username>/posts/`."""

    serializer_class = PostSerializer

    def get_queryset(self):
        author = get_object_or_404(User, username=self.kwargs["username"], is_active=True)
        return visible_posts(self.request.user).filter(author=author)


class OnePost(generics.RetrieveDestroyAPIView):
    """`GET /api/posts/<id>/`; `DELETE` by its author."""

    serializer_class = PostSerializer
    permission_classes = [permissions.IsAuthenticatedOrReadOnly, AuthorMayChange]

    def get_queryset(self):
        return visible_posts(self.request.user)


class Replies(generics.ListCreateAPIView):
    """`GET` and `POST /api/posts/<id>/replies/`."""

    serializer_class = ReplySerializer

    def _post(self) -> Post:
        return get_object_or_404(visible_posts(self.request.user), pk=self.kwargs["pk"])

    def get_queryset(self):
        return self._post().replies.select_related("author")

    def perform_create(self, serializer: ReplySerializer) -> None:
        post = self._post()
        serializer.save(author=self.request.user, post=post)
        send(recount_post, post.pk)


class LikePost(APIView):
    """`POST` likes (201, or 200 when it was liked already), `DELETE` takes it back (204 either way)."""

    permission_classes = [permissions.IsAuthenticated]

    def post(self, request: Request, pk: int) -> Response:
        post = get_object_or_404(visible_posts(request.user), pk=pk)
        _, created = Like.objects.get_or_create(post=post, user=request.user)
        send(recount_post, post.pk)
        return Response({"liked": True}, status=status.HTTP_201_CREATED if created else status.HTTP_200_OK)

    def delete(self, request: Request, pk: int) -> Response:
        post = get_object_or_404(visible_posts(request.user), pk=pk)
        Like.objects.filter(post=post, user=request.user).delete()
        send(recount_post, post.pk)
        return Response(status=status.HTTP_204_NO_CONTENT)
