"""Which release answers, and whether it is well."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse

from .readiness import readiness

GetResponse = Callable[[HttpRequest], HttpResponse]


class ReleaseMiddleware:
    """Names the release in `X-Release` on every response, errors included: no old container answers for a new one."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response["X-Release"] = settings.RELEASE
        return response


class HealthMiddleware:
    """`/healthz`: this process answers (no database: a blip there condemns no process). `/readyz`: it can serve."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path == "/healthz":
            return _uncached(JsonResponse({"status": "ok", "release": settings.RELEASE}))
        if request.path == "/readyz":
            checks = readiness()
            ready = all(check["ok"] for check in checks.values())
            body = {"status": "ok" if ready else "unavailable", "release": settings.RELEASE, "checks": checks}
            return _uncached(JsonResponse(body, status=200 if ready else 503))
        return self.get_response(request)


def _uncached(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "no-store"
    return response
