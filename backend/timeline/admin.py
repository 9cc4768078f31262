from django.contrib import admin

from .models import TimelineEntry, TrendingPost


@admin.register(TrendingPost)
class TrendingPostAdmin(admin.ModelAdmin):
    list_display = ["rank", "post", "score", "computed_at"]
    list_select_related = ["post__author"]

    def has_add_permission(self, request) -> bool:
        return False

    def has_change_permission(self, request, obj=None) -> bool:
        return False


@admin.register(TimelineEntry)
class TimelineEntryAdmin(admin.ModelAdmin):
    list_display = ["owner", "post", "created_at"]
    list_select_related = ["owner", "post__author"]
    search_fields = ["owner__username"]
    date_hierarchy = "created_at"
    show_full_result_count = False

    def has_add_permission(self, request) -> bool:
        return False

    def has_change_permission(self, request, obj=None) -> bool:
        return False
