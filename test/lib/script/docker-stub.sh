#!/bin/bash
# A `docker` that keeps images and containers as files beside itself and writes down how it was called.
set -u
state=$(dirname "$0")/state
printf '%s\n' "$*" >>"$state/calls"
[[ -z ${COMPOSE_FILE:-}${DOCKER_HOST:-} ]] || echo "$COMPOSE_FILE $DOCKER_HOST" >>"$state/leaked"
[[ -e $state/down ]] && { echo "Cannot connect to the Docker daemon" >&2; exit 1; }
last=${!#}
case "$1 ${2:-}" in
"version "*) echo 26 ;;
"info "*) echo / ;;
"image inspect")
  if [[ $* == *RepoDigests* ]]; then echo "${last#id-} "; exit 0; fi
  grep -qxF "$last" "$state/images" || exit 1
  echo "id-$last"
  ;;
"pull "*)
  if grep -qF "${last%@*}" "$state/fail-pull" 2>/dev/null; then echo "no basic auth credentials" >&2; exit 1; fi
  echo "$last" >>"$state/images"
  ;;
"create "*) echo scratch ;;
"cp "*) cp "$state/bundle/${2#*:/}" "$last" ;;
"ps "*)
  if [[ $* == *oneoff=True* ]]; then cat "$state/oneoff" 2>/dev/null; exit 0; fi
  if [[ $* == *threads.scratch* ]]; then exit 0; fi
  if [[ $* == *status=created* ]]; then cat "$state/created" 2>/dev/null; exit 0; fi
  ls "$state/containers"
  ;;
"inspect "*)
  for id in "$@"; do [[ -f $state/containers/$id ]] && cat "$state/containers/$id"; done
  ;;
"compose version") echo 2.26 ;;
"compose "*)
  while [[ $1 != config && $1 != up && $1 != run && $1 != down && $1 != logs ]]; do
    [[ $1 == --project-directory ]] && at=$2
    shift
  done
  case "$1 ${2:-}" in
  "config -q") ;;
  "config --services") grep -v '^#' "$at/compose.yml" ;;
  "run "*) [[ -e $state/fail-migrate ]] && { echo "lock timeout" >&2; exit 137; } ;;
  "down "*) rm -f "$state"/containers/* ;;
  "logs "*) echo "web | the password is hunter22" ;;
  "up "*)
    [[ -e $state/hang-up ]] && sleep 60
    revision=$(sed -n 's/^REVISION=//p' "$at/images.env")
    rm -f "$state"/containers/*
    n=0
    while read -r service; do
      [[ " $* " == *" $service=0 "* ]] && continue
      ref=$(sed -n "s/^$service=//p" "$at/images.list")
      health=healthy
      grep -qxF "$service $revision" "$state/unhealthy" 2>/dev/null && health=unhealthy
      n=$((n + 1))
      printf '%s\n' "$service|False|c$n|/app-$service-1|$ref|id-$ref|running|0|$health|0|2026-11-22T10:00:00Z" >"$state/containers/c$n"
    done < <(grep -v '^#' "$at/compose.yml")
    printf '%s' "$revision" >"$state/release"
    [[ -e $state/fail-up ]] && grep -qxF "$revision" "$state/fail-up" && exit 1
    ;;
  esac
  ;;
esac
exit 0
