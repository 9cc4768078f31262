#!/bin/bash
# A `docker` that keeps images and containers as files beside itself and writes down how it was called.
# In bash alone wherever that is possible: a deployment calls it fifty times, and programs are what costs.
set -u
state=${0%/*}/state

# Whether a file has that line; a file that is not there has none.
has() {
  local line
  [[ -f $1 ]] || return 1
  while IFS= read -r line; do [[ $line != "$2" ]] || return 0; done <"$1"
  return 1
}

# What stands behind `key=` in a file.
value_of() {
  local line
  value=''
  while IFS= read -r line; do [[ $line != "$2="* ]] || value=${line#*=}; done <"$1"
}

without_comments() {
  local line
  while IFS= read -r line; do [[ $line == '#'* ]] || printf '%s\n' "$line"; done <"$1"
}
printf '%s\n' "$*" >>"$state/calls"
[[ -z ${COMPOSE_FILE:-}${DOCKER_HOST:-} ]] || echo "$COMPOSE_FILE $DOCKER_HOST" >>"$state/leaked"
[[ -e $state/down ]] && { echo "Cannot connect to the Docker daemon" >&2; exit 1; }
last=${!#}
case "$1 ${2:-}" in
"version "*) echo 26 ;;
"info "*) echo / ;;
"image inspect")
  if [[ $* == *RepoDigests* ]]; then echo "${last#id-} "; exit 0; fi
  has "$state/images" "$last" || exit 1
  echo "id-$last"
  ;;
"pull "*)
  if has "$state/fail-pull" "${last%@*}"; then echo "no basic auth credentials" >&2; exit 1; fi
  echo "$last" >>"$state/images"
  ;;
"create "*) echo scratch ;;
"cp "*) cp "$state/bundle/${2#*:/}" "$last" ;;
"ps "*)
  if [[ $* == *oneoff=True* ]]; then [[ ! -f $state/oneoff ]] || cat "$state/oneoff"; exit 0; fi
  if [[ $* == *threads.scratch* ]]; then exit 0; fi
  if [[ $* == *status=created* ]]; then [[ ! -f $state/created ]] || cat "$state/created"; exit 0; fi
  for container in "$state"/containers/*; do [[ ! -f $container ]] || echo "${container##*/}"; done
  ;;
"inspect "*)
  for id in "$@"; do [[ -f $state/containers/$id ]] && read -r row <"$state/containers/$id" && printf '%s\n' "$row"; done
  ;;
"compose version") echo 2.26 ;;
"compose "*)
  while [[ $1 != config && $1 != up && $1 != run && $1 != down && $1 != logs ]]; do
    [[ $1 == --project-directory ]] && at=$2
    shift
  done
  case "$1 ${2:-}" in
  "config -q") ;;
  "config --services") without_comments "$at/compose.yml" ;;
  "run "*) [[ -e $state/fail-migrate ]] && { echo "lock timeout" >&2; exit 137; } ;;
  "down "*) rm -f "$state"/containers/* ;;
  "logs "*) echo "web | the password is hunter22" ;;
  "up "*)
    [[ -e $state/hang-up ]] && sleep 60
    value_of "$at/images.env" REVISION
    revision=$value
    rm -f "$state"/containers/*
    n=0
    while read -r service; do
      [[ " $* " == *" $service=0 "* ]] && continue
      value_of "$at/images.list" "$service"
      ref=$value
      health=healthy
      has "$state/unhealthy" "$service $revision" && health=unhealthy
      n=$((n + 1))
      printf '%s\n' "$service|False|c$n|/app-$service-1|$ref|id-$ref|running|0|$health|0|2026-11-22T10:00:00Z" >"$state/containers/c$n"
    done < <(without_comments "$at/compose.yml")
    printf '%s' "$revision" >"$state/release"
    has "$state/fail-up" "$revision" && exit 1
    ;;
  esac
  ;;
esac
exit 0
