"""Every address of the site in one place; /healthz and /readyz are answered earlier, by ops.middleware."""

from django.contrib import admin
from django.urls import path
from rest_framework.authtoken.views import obtain_auth_token

from home import views as home
from posts import views as posts
from timeline import views as timeline
from users import views as users

urlpatterns = [
    path("", home.landing, name="home"),
    path("admin/", admin.site.urls),
    path("api/token/", obtain_auth_token, name="token"),
    path("api/users/", users.SignUp.as_view(), name="users"),
    path("api/users/<str:username>/", users.Profile.as_view(), name="user"),
    path("api/users/<str:username>/follow/", users.FollowUser.as_view(), name="follow"),
    path("api/users/<str:username>/posts/", posts.PostsOfUser.as_view(), name="user-posts"),
    path("api/posts/", posts.Posts.as_view(), name="posts"),
    path("api/posts/<int:pk>/", posts.OnePost.as_view(), name="post"),
    path("api/posts/<int:pk>/replies/", posts.Replies.as_view(), name="replies"),
    path("api/posts/<int:pk>/like/", posts.LikePost.as_view(), name="like"),
    path("api/timeline/", timeline.Timeline.as_view(), name="timeline"),
    path("api/trending/", timeline.Trending.as_view(), name="trending"),
]

admin.site.site_header = "Threads"
admin.site.site_title = "Threads admin"
admin.site.index_title = "Administration"
