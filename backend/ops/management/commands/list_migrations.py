"""`list_migrations`: what `threads` asks an image for (runtime.migrations in threads.yml)."""

import json

from django.core.management.base import BaseCommand

from ops.kinds import migrations_of_this_code


class Command(BaseCommand):
    help = "Print every migration with its kind, expand or contract, a JSON object a line. Needs no database."
    # System checks may want what an image by itself has not.
    requires_system_checks = ()

    def handle(self, *args: object, **options: object) -> None:
        for name, kind in migrations_of_this_code():
            self.stdout.write(json.dumps({"name": name, "kind": kind}))
