"""What a process makes of its environment."""

import pytest

from threads.environment import Environment

COMPLETE = {
    "DJANGO_SECRET_KEY": "k",
    "DJANGO_ALLOWED_HOSTS": "a",
    "CELERY_BROKER_URL": "redis://r",
    "DATABASE_URL": "postgres://u:p@h/d",
}


def refusal(variables: dict[str, str]) -> str:
    with pytest.raises(SystemExit) as stop:
        Environment(variables).refuse_if_incomplete()
    return str(stop.value)


@pytest.mark.parametrize("key", sorted(COMPLETE))
@pytest.mark.parametrize("value", [None, "", "  "])
def test_each_required_key_is_named_when_missing_or_empty(key, value):
    variables = {**COMPLETE, key: value or ""}
    if value is None:
        del variables[key]
    assert refusal(variables) == f"threads: {key} is not set; .env.example explains every key."


def test_all_missing_keys_are_named_at_once():
    assert refusal({}).startswith(
        "threads: DJANGO_SECRET_KEY, DJANGO_ALLOWED_HOSTS, CELERY_BROKER_URL, DATABASE_URL are not set;"
    )


def test_half_given_postgres_keys_are_named():
    parts = {**COMPLETE, "DATABASE_URL": "", "POSTGRES_HOST": "h", "POSTGRES_DB": "d", "POSTGRES_USER": "u"}
    assert "POSTGRES_PASSWORD is not set" in refusal(parts)
    Environment({**parts, "POSTGRES_PASSWORD": "p"}).refuse_if_incomplete()


def test_database_from_a_url_with_escapes():
    database = Environment({"DATABASE_URL": "postgresql://us%40er:p%2Fw@db.example:6432/name"}).database()
    assert [database[key] for key in ("HOST", "PORT", "NAME", "USER", "PASSWORD")] == [
        "db.example",
        6432,
        "name",
        "us@er",
        "p/w",
    ]


def test_values_of_the_wrong_kind_stop_the_process():
    with pytest.raises(SystemExit, match="GUNICORN_WORKERS must be a whole number"):
        Environment({"GUNICORN_WORKERS": "many"}).integer("GUNICORN_WORKERS", 2)
    with pytest.raises(SystemExit, match="DJANGO_DEBUG must be 1 or 0"):
        Environment({"DJANGO_DEBUG": "maybe"}).flag("DJANGO_DEBUG")
    with pytest.raises(SystemExit, match="DATABASE_URL must look like"):
        Environment({"DATABASE_URL": "mysql://h/d"}).database()


def test_lists_and_flags():
    env = Environment({"HOSTS": " a, b ,,", "ON": "True", "OFF": "0"})
    assert env.words("HOSTS") == ["a", "b"]
    assert (env.flag("ON"), env.flag("OFF", default=True), env.flag("ABSENT", default=True)) == (True, False, True)
