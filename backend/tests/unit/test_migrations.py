"""What `threads` is told of migrations: their kinds, and how they are taken back."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, migrations, models
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.state import ProjectState

from ops.kinds import kind_of
from users.models import User


def listed() -> dict[str, str]:
    out = StringIO()
    call_command("list_migrations", stdout=out)
    return {one["name"]: one["kind"] for one in map(json.loads, out.getvalue().splitlines())}


def test_every_migration_is_listed_in_an_order_in_which_it_can_be_applied():
    # No database is asked: a test without the mark may not.
    names = list(listed())
    assert {"auth.0001_initial", "users.0001_initial", "timeline.0001_initial"} <= set(names)
    assert names.index("auth.0012_alter_user_first_name_max_length") < names.index("users.0001_initial")
    assert names.index("posts.0001_initial") < names.index("posts.0002_replies_in_order")
    assert len(names) == len(set(names))


def test_one_of_each_kind_is_there_and_first_ones_expand():
    kinds = listed()
    assert {kind for name, kind in kinds.items() if name.endswith(".0001_initial")} == {"expand"}
    assert kinds["posts.0002_replies_in_order"] == "expand"
    assert kinds["posts.0003_post_has_a_body"] == "contract"


def test_a_change_that_no_migration_makes_is_named_in_place_of_a_list(monkeypatch):
    name = User._meta.get_field("username")
    monkeypatch.setattr(name, "max_length", 17)
    with pytest.raises(CommandError, match="no migration does this, run makemigrations: users: Alter field username on user"):
        listed()


@pytest.mark.django_db
def test_no_model_is_ahead_of_its_migrations():
    call_command("makemigrations", check_changes=True, dry_run=True, verbosity=0)


def kind(*operations, told: str | None = None) -> str:
    """Of a migration on a table `note` with a text, as somebody's earlier migration made it."""
    state = ProjectState()
    fields = [("id", models.BigAutoField(primary_key=True)), ("text", models.CharField(max_length=10))]
    migrations.CreateModel("Note", [*fields, ("hint", models.TextField(null=True))]).state_forwards("posts", state)
    migration = migrations.Migration("0002_change", "posts")
    migration.operations = list(operations)
    if told is not None:
        migration.kind = told
    return kind_of(migration, state)


def altered(field, name="text"):
    return migrations.AlterField("note", name, field)


@pytest.mark.parametrize(
    "operation",
    [
        migrations.CreateModel("Tag", [("id", models.BigAutoField(primary_key=True))]),
        migrations.AddField("note", "more", models.TextField(null=True)),
        migrations.AddField("note", "tags", models.ManyToManyField("posts.Note")),
        migrations.AddIndex("note", models.Index(fields=["text"], name="by_text")),
        migrations.RunPython(migrations.RunPython.noop, migrations.RunPython.noop),
        migrations.RunSQL("SELECT 1", reverse_sql="SELECT 1"),
        migrations.AlterModelOptions("note", {"ordering": ["text"]}),
        altered(models.CharField(max_length=20)),
        altered(models.CharField(max_length=10, null=True)),
        altered(models.CharField(max_length=10, help_text="said otherwise", default="x")),
        migrations.SeparateDatabaseAndState(state_operations=[migrations.RemoveField("note", "text")]),
    ],
    ids=repr,
)
def test_expand(operation):
    assert kind(operation) == "expand"


@pytest.mark.parametrize(
    "operation",
    [
        # Django fills the column and drops the default: an INSERT of older code fails.
        migrations.AddField("note", "more", models.TextField(default="")),
        migrations.RemoveField("note", "text"),
        migrations.DeleteModel("Note"),
        migrations.RenameField("note", "text", "body"),
        migrations.RenameModel("Note", "Remark"),
        migrations.AlterModelTable("note", "remarks"),
        migrations.AddConstraint("note", models.UniqueConstraint(fields=["text"], name="text_once")),
        migrations.RunPython(migrations.RunPython.noop),
        migrations.RunSQL("SELECT 1"),
        altered(models.CharField(max_length=5)),
        altered(models.IntegerField()),
        altered(models.CharField(max_length=10, unique=True)),
        altered(models.TextField(), "hint"),
        migrations.SeparateDatabaseAndState(database_operations=[migrations.RemoveField("note", "text")]),
    ],
    ids=repr,
)
def test_contract(operation):
    assert kind(operation) == "contract"


def test_one_that_contracts_is_enough_and_the_state_goes_on():
    assert kind(migrations.RenameField("note", "text", "body"), altered(models.TextField(null=True), "body")) == "contract"
    widened = altered(models.CharField(max_length=20))
    assert kind(widened, altered(models.CharField(max_length=15))) == "contract"


def test_what_a_migration_does_to_its_own_table_expands():
    table = migrations.CreateModel("Tag", [("id", models.BigAutoField(primary_key=True)), ("word", models.TextField())])
    once = migrations.AddConstraint("tag", models.UniqueConstraint(fields=["word"], name="word_once"))
    together = migrations.AlterUniqueTogether("Tag", {("id", "word")})
    assert kind(table, once, together) == "expand"
    assert kind(table, migrations.AlterUniqueTogether("Note", {("id", "text")})) == "contract"


def test_the_author_knows_better_and_a_slip_is_told():
    assert kind(migrations.RemoveField("note", "text"), told="expand") == "expand"
    assert kind(told="contract") == "contract"
    with pytest.raises(ValueError, match="posts.0002_change: kind is 'expnad'"):
        kind(told="expnad")


def applied() -> set[str]:
    return {f"{app}.{name}" for app, name in MigrationExecutor(connection).loader.applied_migrations}


@pytest.mark.django_db(transaction=True)
def test_unmigrate_takes_exactly_these_back():
    call_command("unmigrate", "posts.0003_post_has_a_body", verbosity=0)
    try:
        assert "posts.0002_replies_in_order" in applied()
        assert "posts.0003_post_has_a_body" not in applied()
    finally:
        call_command("migrate", verbosity=0)
    assert "posts.0003_post_has_a_body" in applied()


@pytest.mark.django_db(transaction=True)
def test_unmigrate_takes_several_of_one_app_in_whatever_order():
    both = ["posts.0002_replies_in_order", "posts.0003_post_has_a_body"]
    call_command("unmigrate", *both, verbosity=0)
    try:
        assert [name for name in applied() if name.startswith("posts.")] == ["posts.0001_initial"]
        with pytest.raises(CommandError, match="posts.0003_post_has_a_body is not applied."):
            call_command("unmigrate", both[1], verbosity=0)
        assert [name for name in applied() if name.startswith("posts.")] == ["posts.0001_initial"]
    finally:
        call_command("migrate", verbosity=0)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("posts.0002_replies_in_order", "posts.0003_post_has_a_body would be taken back, too: name it as well."),
        ("posts.0009_nothing", "posts.0009_nothing is no migration of this release."),
    ],
)
def test_unmigrate_refuses_before_it_changes_anything(name, says):
    before = applied()
    with pytest.raises(CommandError, match=says):
        call_command("unmigrate", name, verbosity=0)
    assert applied() == before
