from django.contrib import admin

from .models import Like, Post, Reply


class ReplyInline(admin.TabularInline):
    model = Reply
    extra = 0
    autocomplete_fields = ["author"]


@admin.register(Post)
class PostAdmin(admin.ModelAdmin):
    list_display = ["excerpt", "author", "like_count", "reply_count", "created_at", "is_fanned_out"]
    list_filter = ["created_at", ("fanned_out_at", admin.EmptyFieldListFilter)]
    list_select_related = ["author"]
    search_fields = ["body", "author__username"]
    date_hierarchy = "created_at"
    autocomplete_fields = ["author"]
    readonly_fields = ["like_count", "reply_count", "created_at", "fanned_out_at"]
    inlines = [ReplyInline]

    @admin.display(description="post")
    def excerpt(self, post: Post) -> str:
        return post.body if len(post.body) <= 60 else f"{post.body[:59]}…"

    @admin.display(description="in timelines", boolean=True)
    def is_fanned_out(self, post: Post) -> bool:
        return post.fanned_out_at is not None


@admin.register(Reply)
class ReplyAdmin(admin.ModelAdmin):
    list_display = ["body", "author", "post", "created_at"]
    list_select_related = ["author", "post__author"]
    search_fields = ["body", "author__username"]
    autocomplete_fields = ["author", "post"]
    date_hierarchy = "created_at"


@admin.register(Like)
class LikeAdmin(admin.ModelAdmin):
    list_display = ["user", "post", "created_at"]
    list_select_related = ["user", "post__author"]
    autocomplete_fields = ["user", "post"]
    date_hierarchy = "created_at"
