"""People for tests: API clients that carry a token."""

from rest_framework.authtoken.models import Token
from rest_framework.test import APIClient

from users.models import User


def client_of(username: str) -> APIClient:
    """A signed-in client; the account is created when needed."""
    user = User.objects.filter(username=username).first()
    user = user or User.objects.create_user(username, password="correct-horse-9")
    token, _ = Token.objects.get_or_create(user=user)
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Token {token.key}")
    return client


def post_by(client: APIClient, body: str = "hello") -> int:
    """Write a post through the API; its id."""
    answer = client.post("/api/posts/", {"body": body})
    assert answer.status_code == 201, answer.json()
    return answer.json()["id"]


def bodies(answer) -> list[str]:
    """The texts of a page of posts."""
    assert answer.status_code == 200, answer.json()
    return [post["body"] for post in answer.json()["results"]]
