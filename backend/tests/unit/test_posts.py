"""Posting, replying, liking, paging."""

import pytest

from posts.models import Like, Post
from tests.people import bodies, client_of, post_by
from users.models import User

pytestmark = pytest.mark.django_db


def test_a_post_can_be_read_by_anybody(anonymous):
    number = post_by(client_of("ada"), "first")
    post = anonymous.get(f"/api/posts/{number}/").json()
    assert (post["body"], post["author"]["username"], post["liked"]) == ("first", "ada", False)
    assert bodies(anonymous.get("/api/posts/")) == ["first"]
    assert bodies(anonymous.get("/api/users/ada/posts/")) == ["first"]


@pytest.mark.parametrize("body", [{}, {"body": ""}, {"body": "   "}, {"body": "x" * 501}])
def test_a_post_needs_one_to_five_hundred_characters(body):
    answer = client_of("ada").post("/api/posts/", body)
    assert answer.status_code == 400
    assert list(answer.json()) == ["body"]


def test_only_people_who_signed_in_write(anonymous):
    number = post_by(client_of("ada"))
    for path in ("/api/posts/", f"/api/posts/{number}/replies/", f"/api/posts/{number}/like/"):
        assert anonymous.post(path, {"body": "x"}).status_code == 401
    assert anonymous.get("/api/timeline/").status_code == 401


def test_counters_and_author_cannot_be_set_by_the_writer():
    ada = client_of("ada")
    answer = ada.post("/api/posts/", {"body": "x", "like_count": 9000, "author": {"username": "kofi"}})
    assert answer.json()["like_count"] == 0
    assert answer.json()["author"]["username"] == "ada"


def test_only_the_author_deletes():
    ada, kofi = client_of("ada"), client_of("kofi")
    number = post_by(ada)
    refused = kofi.delete(f"/api/posts/{number}/")
    assert refused.status_code == 403
    assert refused.json() == {"detail": "Only the author may do that."}
    assert ada.delete(f"/api/posts/{number}/").status_code == 204
    assert ada.get(f"/api/posts/{number}/").status_code == 404


def test_a_like_is_idempotent():
    number, kofi = post_by(client_of("ada")), client_of("kofi")
    assert kofi.post(f"/api/posts/{number}/like/").status_code == 201
    assert kofi.post(f"/api/posts/{number}/like/").status_code == 200
    assert Like.objects.count() == 1
    assert kofi.get(f"/api/posts/{number}/").json()["liked"] is True
    assert kofi.delete(f"/api/posts/{number}/like/").status_code == 204
    assert kofi.delete(f"/api/posts/{number}/like/").status_code == 204
    assert not Like.objects.exists()
    assert kofi.post("/api/posts/999999/like/").status_code == 404


def test_replies_hang_below_their_post(anonymous):
    ada = client_of("ada")
    number, other = post_by(ada), post_by(ada)
    assert ada.post(f"/api/posts/{number}/replies/", {"body": "yes"}).status_code == 201
    assert ada.post(f"/api/posts/{number}/replies/", {"body": ""}).status_code == 400
    assert ada.post("/api/posts/999999/replies/", {"body": "yes"}).status_code == 404
    assert bodies(anonymous.get(f"/api/posts/{number}/replies/")) == ["yes"]
    assert bodies(anonymous.get(f"/api/posts/{other}/replies/")) == []


def test_pages_do_not_shift_when_something_new_is_posted(anonymous):
    ada = client_of("ada")
    for number in range(5):
        post_by(ada, f"old {number}")
    first = anonymous.get("/api/posts/?limit=3").json()
    assert [post["body"] for post in first["results"]] == ["old 4", "old 3", "old 2"]
    post_by(ada, "new")
    second = anonymous.get(first["next"]).json()
    assert [post["body"] for post in second["results"]] == ["old 1", "old 0"]
    assert second["next"] is None


def test_a_page_is_never_longer_than_a_hundred(anonymous):
    client_of("ada")
    author = User.objects.get()
    Post.objects.bulk_create(Post(author=author, body=str(number)) for number in range(120))
    assert len(bodies(anonymous.get("/api/posts/?limit=5000"))) == 100


def test_the_number_of_queries_does_not_grow_with_the_page(anonymous, django_assert_num_queries):
    for name in ("ada", "kofi", "ines"):
        post_by(client_of(name))
    with django_assert_num_queries(1):
        assert len(bodies(anonymous.get("/api/posts/"))) == 3


def test_posts_of_a_blocked_person_vanish(anonymous):
    number = post_by(client_of("ada"))
    User.objects.update(is_active=False)
    assert anonymous.get(f"/api/posts/{number}/").status_code == 404
    assert bodies(anonymous.get("/api/posts/")) == []
