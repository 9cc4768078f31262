"""`list_migrations`: what `threads` asks an image for (runtime.migrations in threads.yml)."""

import json

from django.core.management.base import BaseCommand, CommandError

from ops.forgotten import forgotten_changes
from ops.kinds import migrations_of_this_code


class Command(BaseCommand):
    help = (
        "Print every migration with its kind, expand or contract, a JSON object a line; refused where a model has changes "
        "that no migration makes. Needs no database."
    )
    # System checks may want what an image by itself has not.
    requires_system_checks = ()

    def handle(self, *args: object, **options: object) -> None:
        if forgotten := forgotten_changes():
            raise CommandError(f"no migration does this, run makemigrations: {'; '.join(forgotten)}")
        for name, kind in migrations_of_this_code():
            self.stdout.write(json.dumps({"name": name, "kind": kind}))
