#!/bin/bash
# shellcheck disable=SC2034,SC2153,SC2154 # one of the parts of a script: what it sets or uses, another one uses or sets
# What runs once beside both slots, in a compose project of its own: a database, a broker. It is touched only where something
# of it has changed.

in_base() { local at=$1; shift; compose_file "$APP-base" "$at" base.yml "$@"; }
has_base() { [[ -s $1/base.yml ]]; }

# Of all that compose makes the containers of what runs once from, into REPLY: of the release's variables only those that it reads.
base_made_from() {
  local at=$1 name names line sum
  names=$(grep -o '[$]{\{0,1\}[A-Za-z_][A-Za-z0-9_]*' "$at/base.yml" | tr -d '{$' | sort -u) || true
  environment_of "$at"
  sum=$({
    cat "$at/base.yml" "$REPLY" 2>/dev/null || true
    for name in $names; do
      while IFS= read -r line; do [[ $line != "$name="* ]] || printf '%s\n' "$line"; done <"$at/images.env"
    done
    [[ ! -d $at/files ]] || (cd "$at/files" && find . -type f -exec sha256sum {} + | sort)
    # Environment files of the host's own.
    sed -n 's#^[ -]*path: *"\{0,1\}\(/[^"]*\)"\{0,1\}$#\1#p' "$at/base.yml" | while IFS= read -r name; do sha256sum "$name" || true; done
  } | sha256sum) && REPLY=${sum%% *}
}

# Its containers as they are at this moment; fails where docker does not tell.
base_now() {
  local rows
  template '<.ID> <.State>'
  rows=$(timeout --foreground -k 5 20 docker ps -a --no-trunc --format "$REPLY" \
    --filter "label=com.docker.compose.project=$APP-base" --filter label=com.docker.compose.config-hash </dev/null) || return 1
  printf '%s\n' "$rows" | sort | tr '\n' ' '
}

# Compose has made it from just this, and it is as compose has left it.
base_is_up() {
  local made before='' those
  { read -r made before <"$ROOT/base/made"; } 2>/dev/null || return 1
  those=$(base_now) && [[ -n ${before// /} && ${those% } == "${before% }" ]] && base_made_from "$1" && [[ $made == "$REPLY" ]]
}

# What runs once: compose makes anew what has another definition than before, and nothing else.
base_up() {
  local at=$1 name those
  if ! has_base "$at"; then
    [[ ! -d $ROOT/base ]] || { in_base "$ROOT/base" down && rm -rf "$ROOT/base"; }
    return
  fi
  if base_is_up "$at"; then return 0; fi
  # From a folder that stays the same, or else each release would look like another definition.
  rm -rf "$ROOT/base.new"
  mkdir "$ROOT/base.new" || return 1
  for name in base.yml images.env fronts files; do [[ ! -e $at/$name ]] || cp -a "$at/$name" "$ROOT/base.new/" || return 1; done
  [[ ! -e $at/environment/env ]] || { mkdir "$ROOT/base.new/environment" && cp -a "$at/environment/env" "$ROOT/base.new/environment/"; } || return 1
  rm -rf "$ROOT/base"
  mv -T "$ROOT/base.new" "$ROOT/base" || return 1
  in_base "$ROOT/base" up -d --no-build --pull never --remove-orphans || return 1
  # Without this record compose is asked once more, and nothing else.
  { those=$(base_now) && base_made_from "$at" && note "$ROOT/base/made" "$REPLY $those"; } || true
}

# A service that runs once answers under its name in a slot's own network: slots share none.
connect_base() {
  local at=$1 name=$2 network service aliases id alias given
  [[ -s $at/links ]] || return 0
  while read -r network service aliases; do
    given=(--alias "$service")
    for alias in $aliases; do given+=(--alias "$alias"); done
    for id in $(base_containers "$service"); do
      # shellcheck disable=SC2016 # a variable of docker's template
      template '<range $id, $_ := .Containers><$id> <end>'
      docker network inspect --format "$REPLY" "$APP-${name}_$network" | grep -qF "$id" ||
        bounded docker network connect "${given[@]}" "$APP-${name}_$network" "$id" || return 1
    done
  done <"$at/links"
}

base_containers() {
  timeout --foreground -k 5 20 docker ps -aq --no-trunc --filter "label=com.docker.compose.project=$APP-base" \
    --filter label=com.docker.compose.config-hash --filter "label=com.docker.compose.service=$1" </dev/null
}
