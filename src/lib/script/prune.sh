#!/bin/bash
# shellcheck disable=SC2034,SC2153,SC2154 # one of the parts of a script: what it sets or uses, another one uses or sets
# What nothing can reach any more goes: by what a way back may lead to, never by a log of attempts.

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
  current_release && echo "$REPLY"
  cat "$ROOT"/deployments/*.previous 2>/dev/null | sed 's,^releases/,,'
  reachable | head -n 4
  tac "$ROOT/history" | awk '!seen[$0]++' | head -n 4
}

# No tag keeps an image of a release any more. Fails where one may be left: docker was not asked, has not answered in time, or
# keeps it for a container that somebody else has started, which is told. One that is kept is no reason to keep the others.
untag() {
  local pair tag said status failed=0
  while read -r pair; do
    keep_tag "$pair" "$2"
    tag=$REPLY
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
    old=${old%/} short=${old##*/}
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
