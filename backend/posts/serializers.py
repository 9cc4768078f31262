"""How posts and replies look in JSON."""

from rest_framework import serializers

from users.serializers import AuthorSerializer

from .models import Post, Reply


class PostSerializer(serializers.ModelSerializer):
    """A post; `liked` says whether the person who asks likes it."""

    author = AuthorSerializer(read_only=True)
    liked = serializers.SerializerMethodField()

    class Meta:
        model = Post
        fields = ["id", "author", "body", "created_at", "like_count", "reply_count", "liked"]
        read_only_fields = ["like_count", "reply_count"]

    def get_liked(self, post: Post) -> bool:
        # Lists annotate it with posts.queries.visible_posts; a post just created is liked by nobody.
        return getattr(post, "is_liked", False)


class ReplySerializer(serializers.ModelSerializer):
    """A reply below a post."""

    author = AuthorSerializer(read_only=True)

    class Meta:
        model = Reply
        fields = ["id", "author", "body", "created_at"]
