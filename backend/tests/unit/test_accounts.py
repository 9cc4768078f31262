"""Signing up, signing in, following."""

import pytest

from tests.people import client_of
from users.models import Follow, User

pytestmark = pytest.mark.django_db
ACCOUNT = {"username": "ada", "password": "correct-horse-9", "display_name": "Ada"}


def test_sign_up_then_sign_in_then_use_the_token(anonymous):
    created = anonymous.post("/api/users/", ACCOUNT)
    assert created.status_code == 201
    assert created.json() == {"username": "ada", "display_name": "Ada", "bio": ""}

    token = anonymous.post("/api/token/", {"username": "ada", "password": "correct-horse-9"}).json()["token"]
    anonymous.credentials(HTTP_AUTHORIZATION=f"Token {token}")
    assert anonymous.get("/api/timeline/").status_code == 200


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"username": "Ada!"}, "username"),
        ({"username": "a"}, "username"),
        ({"username": ""}, "username"),
        ({"password": "short1"}, "password"),
        ({"password": "123456789012"}, "password"),
        ({"password": "password123"}, "password"),
        ({"display_name": "x" * 61}, "display_name"),
    ],
)
def test_sign_up_names_the_field_that_is_wrong(anonymous, change, field):
    answer = anonymous.post("/api/users/", {**ACCOUNT, **change})
    assert answer.status_code == 400
    assert list(answer.json()) == [field]
    assert not User.objects.exists()


def test_a_taken_name_is_refused(anonymous):
    client_of("ada")
    answer = anonymous.post("/api/users/", ACCOUNT)
    assert answer.status_code == 400
    assert "username" in answer.json()


def test_wrong_password_and_wrong_token_are_refused(anonymous):
    client_of("ada")
    assert anonymous.post("/api/token/", {"username": "ada", "password": "nope"}).status_code == 400
    anonymous.credentials(HTTP_AUTHORIZATION="Token 0123456789")
    assert anonymous.get("/api/timeline/").status_code == 401


def test_profile_counts_readers_and_hides_the_rest(anonymous):
    ada, kofi = client_of("ada"), client_of("kofi")
    kofi.post("/api/users/ada/follow/")
    ada.post("/api/posts/", {"body": "hello"})
    profile = anonymous.get("/api/users/ada/").json()
    assert (profile["followers"], profile["following"], profile["posts"]) == (1, 0, 1)
    assert "password" not in profile and "email" not in profile
    assert anonymous.get("/api/users/nobody/").status_code == 404


def test_following_twice_is_one_follow_and_unfollowing_twice_is_fine():
    client_of("ada")
    kofi = client_of("kofi")
    assert kofi.post("/api/users/ada/follow/").status_code == 201
    assert kofi.post("/api/users/ada/follow/").status_code == 200
    assert Follow.objects.count() == 1
    assert kofi.delete("/api/users/ada/follow/").status_code == 204
    assert kofi.delete("/api/users/ada/follow/").status_code == 204
    assert not Follow.objects.exists()


def test_nobody_follows_themselves_or_nobody(anonymous):
    ada = client_of("ada")
    assert ada.post("/api/users/ada/follow/").status_code == 400
    assert ada.post("/api/users/nobody/follow/").status_code == 404
    assert anonymous.post("/api/users/ada/follow/").status_code == 401
