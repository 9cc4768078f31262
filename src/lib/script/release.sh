#!/bin/bash
# shellcheck disable=SC2034,SC2153,SC2154 # one of the parts of a script: what it sets or uses, another one uses or sets
# A release on this host: its directory, its images, and what its compose file needs here.

# What a release consists of here: its slot, or the one project of the application.
compose() {
  local at=$1
  shift
  if has_slots "$at"; then in_slot "$at" "$@"; else compose_file "$APP" "$at" compose.yml "$@"; fi
}

# All of those that are named, in their order; fails where one is not there.
image_ids() {
  template '<.Id>'
  docker image inspect --format "$REPLY" "$@"
}
has_image() { image_ids "$@" >/dev/null 2>&1; }

# Whole on this host already, as it is for a rollback.
is_here() {
  local pair all=()
  [[ $(cat "$dir/complete" 2>/dev/null) == "${BUNDLE##*@}" ]] || return 1
  for pair in $IMAGES; do all+=("${pair#*=}"); done
  ! has_slots "$dir" || all+=("$(edge_reference "$dir")")
  has_image "${all[@]}"
}

pull() {
  local ref=$1 why=''
  if has_image "$ref"; then return 0; fi
  log_size
  step_at=$REPLY
  for _ in 1 2 3; do
    if bounded docker pull -q "$ref"; then return 0; fi
    why=$(refusal "$(reason)")
    if [[ -n $why ]] || ((SECONDS + 5 >= budget)); then break; fi
    sleep "$PAUSE"
  done
  fail "$NOT_FETCHED" "could not pull $ref$why" "$(reason)"
}

# What the bundle has, in a new folder.
unpack_bundle() {
  local new=$1 id sums
  pull "$BUNDLE"
  rm -rf "$new"
  mkdir "$new"
  id=$(docker create --label threads.scratch=1 "$BUNDLE" /none)
  docker cp "$id:/release.json" "$new/release.json"
  docker cp "$id:/compose.yml" "$new/compose.yml"
  # Bundles of an older threads have nothing beside their compose file.
  if grep -q '"schema": 2,' "$new/release.json"; then docker cp "$id:/model/." "$new"; fi
  docker rm "$id" >/dev/null
  docker image rm "$BUNDLE" >/dev/null || true
  sums=$(cd "$new" && find . -type f -exec sha256sum {} +)
  printf '%s\n' "$sums" >"$new/sums"
  printf '%s\n' "${BUNDLE##*@}" >"$new/complete"
  sync "$new"/*
}

# What the release consists of: little, and all that is needed to judge it. `references` are its images, with their service.
fetch_bundle() {
  local new=$ROOT/releases/.new.$$ pair edited pinned
  enter pull "$NOT_FETCHED" "the release could not be fetched"
  if [[ $(cat "$dir/complete" 2>/dev/null) != "${BUNDLE##*@}" ]]; then
    unpack_bundle "$new"
    rm -rf "$dir"
    mv -T "$new" "$dir"
  elif ! ((AS_IT_WAS)) && edited=$(changed_files "$dir") && [[ -n $edited ]]; then
    # In place: what serves may have some of them mounted.
    unpack_bundle "$new"
    cp -a "$new/." "$dir/"
    rm -rf "$new"
    warn "files of the release had been changed on this host, and are as they were published again: ${edited//$'\n'/, }"
  fi
  # Also of what has long been here: whoever gives the order may name other images than the release has.
  pinned=$(cat "$dir/release.json") || true
  [[ $pinned == *"$REVISION"* ]] || fail "$NOT_FETCHED" "the bundle is not of revision $REVISION"
  for pair in $IMAGES; do
    [[ $pinned == *"${pair##*@}"* ]] || fail "$NOT_FETCHED" "the bundle does not pin ${pair%%=*} to ${pair##*@}"
  done
  references=$IMAGES
  ! has_slots "$dir" || references+=" threads-edge=${BUNDLE%%/*}/$(<"$dir/edge")"
  # Before the first tag, so that prune finds every tag again.
  note "$dir/images.list" "${references// /$'\n'}"
  note "$dir/images.env" "$VARIABLES"
}

# Names of the services in a model as compose prints it: it is asked once, each time costs a quarter of a second.
services_in() { awk '/^[^ ]/ { inside = /^services:/ } inside && /^  [^ ].*:( \{\})?$/ { gsub(/[ ":{}]/, ""); print }'; }

# Whether this host can run it: told before its images are waited for.
examine() {
  local model services base='' pair asked beside
  make_environment
  tried_environment
  enter compose "$NOT_READY" "the compose file of the release is not usable with the environment of this host"
  environment_file
  choose_slot
  # Compose takes its time for each file, and none waits for another. What only reads does not keep the host's lock.
  if has_slots "$dir"; then
    exec {asked}< <(exec 3>&- 4>&- 9>&-; addresses "$dir" || echo failed)
    ! has_base "$dir" || exec {beside}< <(exec 3>&- 4>&- 9>&-; in_base "$dir" config || echo failed)
  fi
  model=$(compose "$dir" config)
  services=$(printf '%s\n' "$model" | services_in)
  note "$dir/own-services" "$services"
  if has_slots "$dir"; then
    know_addresses "$dir" <&"$asked"
    exec {asked}<&-
    if has_base "$dir"; then
      base=$(cat <&"$beside")
      exec {beside}<&-
      [[ $'\n'$base != *$'\nfailed' ]] || return 1
      services+=$'\n'$(printf '%s\n' "$base" | services_in)
    fi
  fi
  note "$dir/services" "$services"
  for pair in $IMAGES; do
    [[ ${pair%%=*} == "$MIGRATE" ]] || has_line "$services" "${pair%%=*}" ||
      fail "$NOT_READY" "the release has an image for ${pair%%=*}, but its compose file runs no such service"
  done
  free_ports "$model"$'\n'"$base"
  memory_for_two
  name_strangers
}

fetch_images() {
  local pair
  enter pull "$NOT_FETCHED" "the release could not be fetched"
  if are_kept; then return 0; fi
  for pair in $references; do
    ((are_here)) || pull "${pair#*=}"
    # An image without a tag is what `docker image prune` takes first.
    keep_tag "$pair" "$SHORT"
    docker tag "${pair#*=}" "$REPLY"
  done
  edge_has_perl
}

# Whether all images are here, each by the tag that keeps it; without regard to those, `are_here`.
are_here=0
are_kept() {
  local pair ids all=() kept=()
  for pair in $references; do
    keep_tag "$pair" "$SHORT"
    all+=("${pair#*=}") kept+=("$REPLY")
  done
  ids=$(image_ids "${all[@]}" 2>/dev/null) || return 1
  are_here=1
  [[ $ids == "$(image_ids "${kept[@]}" 2>/dev/null)" ]]
}

# Into REPLY. With the service: several may share one repository, and a tag names one image only.
keep_tag() {
  local ref=${1#*=}
  REPLY=${ref%@*}:threads-keep-$2-${1%%=*}
}

# With which environment file its containers were made: `status` tells whether that is still the same.
remember_environment() {
  environment_of "$1"
  if [[ -r $REPLY ]]; then sha256sum "$REPLY" >"$1/environment.sum" 2>/dev/null || rm -f "$1/environment.sum"; else rm -f "$1/environment.sum"; fi
}

# Its own services but those that must not run here; started, unless compose is told otherwise.
bring_up() {
  local at=$1 how=${2:--d} service scale=()
  at=$(realpath "$at")
  remember_environment "$at"
  moment
  began=$REPLY made_in=()
  for service in $(cat "$at/own-services" 2>/dev/null || cat "$at/services"); do
    if is_absent "$service"; then scale+=(--scale "$service=0"); fi
  done
  compose "$at" up "$how" --no-build --pull never --remove-orphans "${scale[@]}" || return
  [[ $how != -d || -z $slot ]] || rm -f "$ROOT/slots/$slot.stopped" || true
}

# What a release expects of its services. Of each, sets `replicas`: how many containers it has ("any" where a variable of this
# host decides), and `ending`: whether it ends: must, may or never.
declare -A expected=()
know_expected() {
  local name rest
  expected=()
  [[ -s $1/expected ]] || return 0
  while read -r name rest; do [[ -z $name ]] || expected[$name]=$rest; done <"$1/expected"
}
expect() {
  local what=${expected[$1]:-1 never}
  replicas=${what%% *} ending=${what#* }
}

# By the projects' names alone: what is to go may have left no file behind. Done only when nothing of it is there any more.
take_down() {
  local rows
  leave_slots || return 1
  project_down "$APP" || return 1
  projects=("${all_projects[@]}")
  rows=$(container_rows) || { wrong="docker does not tell what runs"; return 1; }
  [[ -z $rows ]] || { wrong="${rows%%|*} is still there"; return 1; }
}

migrate() {
  [[ -n $MIGRATE ]] || return 0
  local began_at=$SECONDS
  enter migrate "$NOT_MIGRATED" "the migration failed; nothing was switched"
  local status=0
  compose "$dir" run --rm --no-deps -T --label "threads.deployment=$NUMBER" "$MIGRATE" || status=$?
  ((status != 124)) || fail "$NOT_MIGRATED" "the migration did not end in $((SECONDS - began_at)) s; nothing was switched: it may wait for a lock of what serves"
  return "$status"
}
