"""What both suites share."""

import pytest
from rest_framework.test import APIClient


@pytest.fixture(autouse=True)
def quick_passwords(settings) -> None:
    """The real hash takes a quarter of a second for each account, on purpose."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def anonymous() -> APIClient:
    """A client that has not signed in."""
    return APIClient()
