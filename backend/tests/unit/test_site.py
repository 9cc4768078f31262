"""The landing page, its assets, the admin, the release, and what Django itself can check."""

import json
import re
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.core.management import call_command
from django.test import Client

from posts.models import Post
from tests.people import client_of, post_by
from users.models import User

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def release(settings) -> None:
    """A release that can be recognised."""
    settings.RELEASE = "0123456789abcdef0123456789abcdef01234567-dirty"


@pytest.mark.django_db
def test_landing_page_shows_posts_and_the_release(client):
    post_by(client_of("ada"), "<b>bold</b> claim")
    page = client.get("/")
    text = page.content.decode()
    assert page.status_code == 200
    assert "&lt;b&gt;bold&lt;/b&gt; claim" in text
    assert "0123456789ab-dirty" in text
    assert page["Content-Security-Policy"].startswith("default-src 'self'")


@pytest.mark.django_db
def test_landing_page_without_posts_says_so(client):
    assert "Nothing here yet" in client.get("/").content.decode()


@pytest.mark.django_db
def test_landing_page_refers_to_hashed_files_that_exist(client):
    found = re.findall(r'(?:href|src)="/static/([^"]+)"', client.get("/").content.decode())
    assert {Path(name).suffix for name in found} == {".css", ".js", ".svg"}
    for name in found:
        assert re.search(r"\.[0-9a-f]{12}\.\w+$", name), name
        assert (Path(django_settings.STATIC_ROOT) / name).stat().st_size > 0
    assert not (Path(django_settings.STATIC_ROOT) / "rest_framework").exists()


@pytest.mark.parametrize("path", ["/healthz", "/nowhere", "/api/nowhere/"])
@pytest.mark.django_db
def test_every_response_names_the_release(client, path):
    assert client.get(path)["X-Release"] == django_settings.RELEASE


def test_healthz_needs_no_database_and_answers_to_any_host(settings):
    settings.ALLOWED_HOSTS = ["threads.example.com"]
    settings.SECURE_SSL_REDIRECT = True
    # No django_db mark: a query would fail this test.
    answer = Client().get("/healthz", HTTP_HOST="10.0.0.7")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok", "release": django_settings.RELEASE})
    assert answer["Cache-Control"] == "no-store"


@pytest.mark.django_db
def test_other_hosts_are_refused_elsewhere(client):
    assert client.get("/", HTTP_HOST="evil.example").status_code == 400


@pytest.mark.django_db
def test_an_error_page_names_the_release_too(client, monkeypatch):
    monkeypatch.setattr("home.views.visible_posts", lambda reader: 1 / 0)
    client.raise_request_exception = False
    answer = client.get("/")
    assert (answer.status_code, answer["X-Release"]) == (500, django_settings.RELEASE)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "model",
    ["users/user", "users/follow", "posts/post", "posts/reply", "posts/like", "timeline/timelineentry"],
)
def test_admin_lists_open_and_search(admin_client, model):
    call_command("seed_demo")
    assert admin_client.get(f"/admin/{model}/").status_code == 200
    assert admin_client.get(f"/admin/{model}/?q=ada").status_code == 200


@pytest.mark.django_db
def test_admin_is_for_staff(client):
    assert client.get("/admin/posts/post/").status_code == 302


@pytest.mark.django_db
def test_demonstration_data_is_added_once(client):
    call_command("seed_demo")
    call_command("seed_demo")
    assert (User.objects.count(), Post.objects.count()) == (6, 8)
    assert client.get("/api/trending/").json()["results"][0]["post"]["author"]["username"] == "ines"


@pytest.mark.django_db
def test_no_migration_is_missing():
    call_command("makemigrations", check=True, dry_run=True)


def test_production_settings_pass_the_deployment_checks(settings):
    settings.SECRET_KEY = "k9$Xw2!fT7qLz4@vB6nR1pYc8dHs3mJg5uEa0oQiWtZxKr"  # noqa: S105
    settings.SECRET_KEY += "-and-long-enough-for-anybody"
    settings.SECURE_SSL_REDIRECT = settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
    settings.SECURE_HSTS_SECONDS = 31_536_000
    call_command("check", deploy=True, fail_level="WARNING")


def test_the_environment_examples_list_every_key():
    def keys(name: str) -> list[str]:
        return re.findall(r"^([A-Z_]+)=", (ROOT / name).read_text(), flags=re.M)

    source = "".join((ROOT / name).read_text() for name in ("threads/settings.py", "docker/gunicorn.conf.py"))
    read = set(re.findall(r'env(?:\.\w+|iron\.get)\(\s*"([A-Z_]+)"', source)) - {"REVISION"}
    read |= {"DATABASE_URL", "POSTGRES_HOST", "POSTGRES_PORT", "POSTGRES_DB", "POSTGRES_USER", "POSTGRES_PASSWORD"}
    read |= {"POSTGRES_STATEMENT_SECONDS"}
    assert keys(".env.example") == keys(".env.prod.example")
    assert set(keys(".env.example")) == read


def test_the_static_manifest_is_the_one_of_this_build():
    manifest = json.loads((Path(django_settings.STATIC_ROOT) / "staticfiles.json").read_text())
    assert "home/home.css" in manifest["paths"]
