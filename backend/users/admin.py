from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.db.models import Count

from .models import Follow, User


@admin.register(User)
class ThreadsUserAdmin(UserAdmin):
    list_display = ["username", "display_name", "post_count", "follower_count", "is_staff", "is_active", "date_joined"]
    list_filter = ["is_active", "is_staff", "date_joined"]
    search_fields = ["username", "display_name", "email"]
    ordering = ["-date_joined"]
    date_hierarchy = "date_joined"
    fieldsets = (*UserAdmin.fieldsets, ("Profile", {"fields": ["display_name", "bio"]}))

    def get_queryset(self, request):
        counts = {"posts_": Count("posts", distinct=True), "followers_": Count("followed_by", distinct=True)}
        return super().get_queryset(request).annotate(**counts)

    @admin.display(description="posts", ordering="posts_")
    def post_count(self, user) -> int:
        return user.posts_

    @admin.display(description="followers", ordering="followers_")
    def follower_count(self, user) -> int:
        return user.followers_


@admin.register(Follow)
class FollowAdmin(admin.ModelAdmin):
    list_display = ["follower", "followed", "created_at"]
    list_select_related = ["follower", "followed"]
    search_fields = ["follower__username", "followed__username"]
    autocomplete_fields = ["follower", "followed"]
    date_hierarchy = "created_at"
