"""How people look in JSON."""

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from rest_framework import serializers

from .models import User


class SignUpSerializer(serializers.ModelSerializer):
    """A new account. The password is checked by Django's validators and never comes back."""

    password = serializers.CharField(write_only=True, max_length=128, trim_whitespace=False)

    class Meta:
        model = User
        fields = ["username", "password", "display_name", "bio"]

    def validate(self, attrs: dict) -> dict:
        person = User(**{key: value for key, value in attrs.items() if key != "password"})
        try:
            validate_password(attrs["password"], user=person)
        except ValidationError as error:
            raise serializers.ValidationError({"password": error.messages}) from error
        return attrs

    def create(self, validated_data: dict) -> User:
        return User.objects.create_user(**validated_data)


class ProfileSerializer(serializers.ModelSerializer):
    """The public page of a person, with counts that the view has annotated."""

    followers = serializers.IntegerField(source="follower_count", read_only=True)
    following = serializers.IntegerField(source="following_count", read_only=True)
    posts = serializers.IntegerField(source="post_count", read_only=True)

    class Meta:
        model = User
        fields = ["username", "display_name", "bio", "followers", "following", "posts", "date_joined"]


class AuthorSerializer(serializers.ModelSerializer):
    """The person beside a post."""

    class Meta:
        model = User
        fields = ["username", "display_name"]
