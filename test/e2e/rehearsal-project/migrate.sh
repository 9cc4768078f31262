# Each file that the database has not seen, once: `0001_posts.expand.sql`.
set -eu
ask() { psql --no-psqlrc -v ON_ERROR_STOP=1 -qtA "$@"; }
ask -c 'CREATE TABLE IF NOT EXISTS migrated (name text PRIMARY KEY)'
for file in /srv/migrations/*.sql; do
  name=$(basename "$file")
  [ -z "$(ask -c "SELECT name FROM migrated WHERE name = '$name'")" ] || continue
  ask -f "$file"
  ask -c "INSERT INTO migrated VALUES ('$name')"
done
