#!/bin/bash
# shellcheck disable=SC2034,SC2153,SC2154 # one of the parts of a script: what it sets or uses, another one uses or sets
# Two slots, each a compose project with the whole application, of which one serves; beside them a base project with what
# runs once. `slots/blue` and `slots/green` say which release is in them, `current` which of them serves.

# slots, how the slot of the release before waits, and whether the edge is told who asks. Without a program: it is asked often.
know_strategy() { strategy=''; read -r strategy 2>/dev/null <"$1/strategy" || true; }
is_warm() { local strategy && know_strategy "$1" && [[ $strategy == 'slots warm'* ]]; }
has_slots() { local strategy && know_strategy "$1" && [[ $strategy == slots* ]]; }

# blue or green, into REPLY; nothing where no slot serves.
serving_slot() {
  local target
  REPLY=''
  target=$(readlink "$ROOT/current" 2>/dev/null) || return 0
  [[ $target != slots/* ]] || REPLY=${target#slots/}
}
slot_serves() { serving_slot && [[ $slot == "$REPLY" ]]; }

# The slot that has a release of this name, into REPLY; the serving one first.
slot_of() {
  local name
  serving_slot
  for name in $REPLY blue green; do
    REPLY=$name
    [[ $(readlink "$ROOT/slots/$name" 2>/dev/null) != "../releases/$1" ]] || return 0
  done
  REPLY=''
}

all_projects=("$APP" "$APP-blue" "$APP-green" "$APP-base")

# Where the release of this deployment goes: beside what serves, unless it is that itself.
choose_slot() {
  local serving
  has_slots "$dir" || return 0
  serving_slot
  serving=$REPLY
  other_slot "${serving:-green}"
  slot=$REPLY
  slot_of "$SHORT"
  [[ -z $serving || $REPLY != "$serving" ]] || slot=$serving
}

# The projects in which a release runs, and its slot where it has one.
turn_to() {
  slot=''
  projects=("$APP")
  has_slots "$1" || return 0
  slot_of "${1##*/}"
  slot=$REPLY
  projects=("$APP-${slot:-none}" "$APP-base")
}

# One of the compose files of a release. The host's environment fills the variables of the model, as the template does in
# smoke; what we say comes last.
compose_file() {
  local project=$1 at=$2 file=$3 own=() set=() number environment _
  shift 3
  environment_of "$at"
  environment=$REPLY
  [[ ! -r $environment ]] || own=(--env-file "$environment")
  if [[ -n $slot ]]; then
    set=(THREADS_SLOT="$slot")
    while read -r number _; do
      front_port "$slot" "$number"
      set+=("THREADS_FRONT_$number=$REPLY")
    done <"$at/fronts"
  fi
  [[ $environment == "$ENV_FILE" ]] || set+=(ENV_FILE="$environment")
  bounded env -i HOME="$HOME" PATH="$PATH" "${set[@]}" docker compose -p "$project" --project-directory "$at" -f "$at/$file" "${own[@]}" --env-file "$at/images.env" "$@"
}

in_slot() { local at; at=$(realpath "$1"); shift; compose_file "$APP-$slot" "$at" slot.yml "$@"; }

# Where there is nothing to remove, that is no news.
project_down() {
  bounded env -i HOME="$HOME" PATH="$PATH" docker compose -p "$1" down --remove-orphans 2>&1 | sed '/^Warning: No resource found/d' 9>&-
}

# Nothing of a slot's application is there any more. By the project's name: what is to go may have left no file behind.
clear_slot() {
  local name=$1 network id
  made_in=()
  for network in $(docker network ls -q --filter "label=com.docker.compose.project=$APP-$name"); do
    # shellcheck disable=SC2016
    template '<range $id, $_ := .Containers><$id> <end>'
    for id in $(docker network inspect --format "$REPLY" "$network"); do
      [[ -z $(docker ps -aq --no-trunc --filter "id=$id" --filter "label=com.docker.compose.project=$APP-base") ]] ||
        docker network disconnect -f "$network" "$id" || true
    done
  done
  project_down "$APP-$name" || return 1
  rm -f "$ROOT/slots/$name" "$ROOT/slots/$name.stopped" "$ROOT/slots/$name.ending-"*
}

# What an environment has once does not run beside its own elder; and as long as a release has a part of the requests only,
# what takes its work from elsewhere does not run.
wait_singletons() {
  absent=$ABSENT
  [[ -z $SINGLETONS ]] || slot_serves || absent+=" $SINGLETONS"
  [[ $ACTION != weigh || -z $WORKERS ]] || absent+=" $WORKERS"
}

# The release has its containers in the slot, none of them started yet: also those that come last.
filled=''
fill_slot() {
  local at=$1
  absent=$ABSENT
  settle_ends "$slot" || return 1
  if [[ $(readlink "$ROOT/slots/$slot" 2>/dev/null) != "../releases/${at##*/}" ]]; then
    clear_slot "$slot" || return 1
    mkdir -p "$ROOT/slots"
    ln -sfn "../releases/${at##*/}" "$ROOT/slots/$slot" || return 1
  fi
  base_up "$at" || return 1
  bring_up "$at" --no-start || return 1
  connect_base "$at" "$slot" && filled=$slot
}

# Into REPLY.
own_port() {
  local number _
  read -r number _ <"$1/fronts"
  front_port "$slot" "$number"
}

# A first answer is slow; nobody should wait for it. What comes back is no verdict: verify has given that.
warm() {
  local request asking=()
  for request in 1 2 3 4 5 6; do answering >/dev/null || true; done
  for request in "${WARM_UP[@]}" "${WARM_UP[@]}"; do
    warm_by "$request" 3>&- 4>&- 9>&- &
    asking+=($!)
  done
  ((!${#asking[@]})) || wait "${asking[@]}" || true
}

# Five seconds at most, so that nothing waits longer for its turn than it would for a cold page.
warm_by() {
  # shellcheck disable=SC2016
  timeout --foreground -k 1 5 bash -c 'exec 5<>"/dev/tcp/127.0.0.1/$1" && printf %s "$2" | base64 -d >&5 && exec cat <&5' \
    warm "$ask" "$1" >/dev/null 2>&1 </dev/null || true
}

# The stack of a host that has had no slots yet makes room: it has the port, and volumes that two must not write.
leave_single() {
  local rows
  projects=("$APP")
  rows=$(container_rows) || return 1
  projects=("${all_projects[@]}")
  [[ -n $rows ]] || return 0
  warn "the application's single stack was taken down: it was not reachable until its slot served"
  project_down "$APP"
}

# Nothing of slots, base and edge is there any more.
leave_slots() {
  local name
  [[ -d $ROOT/slots || -d $ROOT/edge || -d $ROOT/base ]] || return 0
  edge_down || return 1
  for name in blue green; do clear_slot "$name" || return 1; done
  project_down "$APP-base" || return 1
  rm -rf "$ROOT/base" "$ROOT/slots"
}
