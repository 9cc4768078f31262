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
image_ids() { docker image inspect --format "$(template '<.Id>')" "$@"; }
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
  step_at=$(log_size)
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
  local new=$ROOT/releases/.new.$$ pair edited
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
  grep -qF "$REVISION" "$dir/release.json" || fail "$NOT_FETCHED" "the bundle is not of revision $REVISION"
  for pair in $IMAGES; do
    grep -qF "${pair##*@}" "$dir/release.json" || fail "$NOT_FETCHED" "the bundle does not pin ${pair%%=*} to ${pair##*@}"
  done
  references=$IMAGES
  ! has_slots "$dir" || references+=" threads-edge=${BUNDLE%%/*}/$(<"$dir/edge")"
  # Before the first tag, so that prune finds every tag again.
  printf '%s\n' "$references" | tr ' ' '\n' | write "$dir/images.list"
  printf '%s\n' "$VARIABLES" | write "$dir/images.env"
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
  printf '%s\n' "$services" | write "$dir/own-services"
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
  printf '%s\n' "$services" | write "$dir/services"
  for pair in $IMAGES; do
    [[ ${pair%%=*} == "$MIGRATE" ]] || grep -qxF "${pair%%=*}" "$dir/services" ||
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
    pull "${pair#*=}"
    # An image without a tag is what `docker image prune` takes first.
    docker tag "${pair#*=}" "$(keep_tag "$pair" "$SHORT")"
  done
  edge_has_perl
}

# Whether all images are here, each by the tag that keeps it.
are_kept() {
  local pair all=() kept=()
  for pair in $references; do all+=("${pair#*=}") kept+=("$(keep_tag "$pair" "$SHORT")"); done
  all=("$(image_ids "${all[@]}" 2>/dev/null)") && [[ ${all[0]} == "$(image_ids "${kept[@]}" 2>/dev/null)" ]]
}

# With the service: several may share one repository, and a tag names one image only.
keep_tag() {
  local ref=${1#*=}
  printf '%s:threads-keep-%s-%s' "${ref%@*}" "$2" "${1%%=*}"
}

# With which environment file its containers were made: `status` tells whether that is still the same.
remember_environment() {
  local file
  file=$(environment_of "$1")
  if [[ -r $file ]]; then sha256sum "$file" >"$1/environment.sum" 2>/dev/null || rm -f "$1/environment.sum"; else rm -f "$1/environment.sum"; fi
}

# Its own services but those that must not run here; started, unless compose is told otherwise.
bring_up() {
  local at=$1 how=${2:--d} service scale=()
  at=$(realpath "$at")
  remember_environment "$at"
  began=$(moment now) made_in=()
  for service in $(cat "$at/own-services" 2>/dev/null || cat "$at/services"); do
    if is_absent "$service"; then scale+=(--scale "$service=0"); fi
  done
  compose "$at" up "$how" --no-build --pull never --remove-orphans "${scale[@]}" || return
  [[ $how != -d || -z $slot ]] || rm -f "$ROOT/slots/$slot.stopped" || true
}

# How many containers a service has ("any" where a variable of this host decides), and whether it ends: must, may or never.
expectation() {
  local line=''
  line=$(sed -n "s/^$2 //p" "$1/expected" 2>/dev/null) || true
  printf '%s\n' "${line:-1 never}"
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

# The releases that a way back may lead to, newest first: going back to one takes off those that lay above it.
reachable() {
  local short at stack=()
  while read -r short; do
    for at in "${!stack[@]}"; do
      [[ ${stack[at]} != "$short" ]] || { stack=("${stack[@]:0:at}"); break; }
    done
    if [[ $short == none ]]; then stack=(); else stack+=("$short"); fi
  done <"$ROOT/history"
  for ((at = ${#stack[@]} - 1; at >= 0; at--)); do echo "${stack[at]}"; done
}

# What stays: the current release, what deployments that may still be taken back go back to, the three below the current
# one, and the three that served last, so that no way back needs the registry.
kept_releases() {
  current_release
  cat "$ROOT"/deployments/*.previous 2>/dev/null | sed 's,^releases/,,'
  reachable | head -n 4
  tac "$ROOT/history" | awk '!seen[$0]++' | head -n 4
}

# No tag keeps an image of a release any more. Fails where one may be left: docker was not asked, has not answered in time, or
# keeps it for a container that somebody else has started, which is told. One that is kept is no reason to keep the others.
untag() {
  local pair tag said status failed=0
  while read -r pair; do
    tag=$(keep_tag "$pair" "$2")
    # Twice: a signal that this script does not mind any more ends a docker that is at it.
    if said=$(docker image rm "$tag" 2>&1) || said=$(docker image rm "$tag" 2>&1); then continue; else status=$?; fi
    [[ $said != *'No such image'* ]] || continue
    failed=1
    # Whoever does not answer is not asked for the rest.
    ((status != 124)) || break
    [[ ! $said =~ container\ ([0-9a-f]{12,}) ]] ||
      echo "the container ${BASH_REMATCH[1]:0:12} was not started by threads and keeps the image of ${pair%%=*} of the old release $2: docker rm -f ${BASH_REMATCH[1]:0:12}, if nobody needs it"
  done < <(cat "$1/images.list" 2>/dev/null)
  return "$failed"
}

# Tells what stays that should go, a line each; a deployment that is done does not mind.
prune() {
  local short old keep why left=0
  [[ -s $ROOT/history ]] || return 0
  remove_old_marks
  keep=" $(kept_releases | tr '\n' ' ') "
  for old in "$ROOT"/releases/*/; do
    short=$(basename "$old")
    [[ $keep == *" $short "* ]] && continue
    # Only there stands which tags are left to remove.
    if why=$(untag "$old" "$short"); then rm -rf "$old" || left=1; elif [[ -n $why ]]; then printf '%s\n' "$why"; else left=1; fi
  done
  prune_environments || left=1
  find "$ROOT/log" '(' -name '*.log' -o -name '*.masked' ')' -mtime +90 -delete || left=1
  ((!left)) || echo 'old releases could not be removed'
}

# Deployments before this one can be taken back no more: the fence would refuse it.
remove_old_marks() {
  local record number
  for record in "$ROOT"/deployments/*; do
    number=${record##*/}
    number=${number%%.*}
    [[ ! $number =~ ^[0-9]{1,15}$ ]] || ((10#$number >= NUMBER)) || rm -f "$record"
  done
}
