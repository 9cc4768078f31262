#!/bin/bash
# shellcheck disable=SC2034,SC2153,SC2154 # one of the parts of a script: what it sets or uses, another one uses or sets
# Two slots, each a compose project with the whole application, of which one serves; beside them a base project with what
# runs once. `slots/blue` and `slots/green` say which release is in them, `current` which of them serves.

# slots, how the slot of the release before waits, and whether the edge is told who asks. Without a program: it is asked often.
know_strategy() { strategy=''; read -r strategy 2>/dev/null <"$1/strategy" || true; }
is_warm() { local strategy && know_strategy "$1" && [[ $strategy == 'slots warm'* ]]; }
has_slots() { local strategy && know_strategy "$1" && [[ $strategy == slots* ]]; }

# blue or green; nothing where no slot serves.
serving_slot() {
  local target
  target=$(readlink "$ROOT/current" 2>/dev/null) || return 0
  [[ $target != slots/* ]] || echo "${target#slots/}"
}

# The slot that has a release of this name; the serving one first.
slot_of() {
  local name serving
  serving=$(serving_slot)
  for name in $serving blue green; do
    [[ $(readlink "$ROOT/slots/$name" 2>/dev/null) != "../releases/$1" ]] || { echo "$name"; return; }
  done
}

all_projects=("$APP" "$APP-blue" "$APP-green" "$APP-base")

# Where the release of this deployment goes: beside what serves, unless it is that itself.
choose_slot() {
  local serving
  has_slots "$dir" || return 0
  serving=$(serving_slot)
  slot=$(other_slot "${serving:-green}")
  [[ -z $serving || $(slot_of "$SHORT") != "$serving" ]] || slot=$serving
}

# The projects in which a release runs, and its slot where it has one.
turn_to() {
  slot=''
  projects=("$APP")
  has_slots "$1" || return 0
  slot=$(slot_of "$(basename "$1")")
  projects=("$APP-${slot:-none}" "$APP-base")
}

# One of the compose files of a release. The host's environment fills the variables of the model, as the template does in
# smoke; what we say comes last.
compose_file() {
  local project=$1 at=$2 file=$3 own=() set=() number environment
  shift 3
  environment=$(environment_of "$at")
  [[ ! -r $environment ]] || own=(--env-file "$environment")
  if [[ -n $slot ]]; then
    set=(THREADS_SLOT="$slot")
    for number in $(front_numbers "$at"); do set+=("THREADS_FRONT_$number=$(front_port "$slot" "$number")"); done
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
    for id in $(docker network inspect --format "$(template '<range $id, $_ := .Containers><$id> <end>')" "$network"); do
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
  [[ -z $SINGLETONS || $slot == "$(serving_slot)" ]] || absent+=" $SINGLETONS"
  [[ $ACTION != weigh || -z $WORKERS ]] || absent+=" $WORKERS"
}

# The release has its containers in the slot, none of them started yet: also those that come last.
filled=''
fill_slot() {
  local at=$1
  absent=$ABSENT
  settle_ends "$slot" || return 1
  if [[ $(readlink "$ROOT/slots/$slot" 2>/dev/null) != "../releases/$(basename "$at")" ]]; then
    clear_slot "$slot" || return 1
    mkdir -p "$ROOT/slots"
    ln -sfn "../releases/$(basename "$at")" "$ROOT/slots/$slot" || return 1
  fi
  base_up "$at" || return 1
  bring_up "$at" --no-start || return 1
  connect_base "$at" "$slot" && filled=$slot
}

own_port() { front_port "$slot" "$(front_numbers "$1" | head -n 1)"; }

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

# A release of a slot comes up beside what serves, is looked at there, and gets all requests; then its singletons take over.
# `wrong` says why it does not. The edge has it, nothing is recorded yet.
serve_from_slot() { come_up "$@" && take_over "$@" && pass_on "$@"; }

come_up() {
  local at=$1 revision=$2 limit=$3
  wait_singletons
  passes_on || stop_singletons "$slot"
  ask=$(own_port "$at")
  start_release "$at" || return 1
  verify "$at" "$revision" "$limit" || return 1
  warm
  leave_single || return 1
  edge_up "$at"
}

# All of it that is to run now, and nothing else of it: an earlier run may have come further.
start_release() {
  local at=$1
  # shellcheck disable=SC2086
  if [[ $filled == "$slot" ]] && ! has_order "$at" && stop_services "$slot" $absent; then
    began=$(moment now)
    # shellcheck disable=SC2046
    if start_services "$at" $(present "$at"); then return 0; fi
  fi
  # Which takes away what does not run yet; it also tells better what is wrong.
  filled=''
  bring_up "$at"
}

# Services of a release that are to run in its slot now.
present() {
  local service
  for service in $(cat "$1/own-services" 2>/dev/null || cat "$1/services"); do is_absent "$service" || echo "$service"; done
}

take_over() {
  local at=$1 revision=$2
  ask=$PORT
  # Where it has never been turned away, an edge that does not listen is no reason.
  steer "$at" "$slot" || answers_as "$revision" || { wrong="the edge could not be switched"; return 1; }
  until answers_as "$revision"; do
    ((SECONDS < budget)) || { wrong="the edge does not answer as $revision"; return 1; }
    sleep "$PAUSE"
  done
  begin_drain "$(other_slot "$slot")"
}

# What an environment has once follows the requests, while the other slot ends its own.
passes_on() { [[ $absent != "$ABSENT" ]]; }
pass_on() {
  local at=$1 revision=$2 limit=$3 last="$SINGLETONS $WORKERS"
  passes_on || return 0
  absent=$ABSENT
  # Workers may come up while the old singletons end: several of them are none too many.
  # shellcheck disable=SC2086
  if ((straight)) && start_services "$at" $WORKERS; then last=$SINGLETONS; fi
  # shellcheck disable=SC2086
  stop_singletons "$slot" && start_last "$at" $last && verify "$at" "$revision" "$limit"
}

# A slot that is filled, or has served, has them already.
start_last() {
  if { ((straight)) || [[ $filled == "$slot" ]]; } && start_services "$@"; then return 0; fi
  bring_up "$1"
}

# Those of the slot that is not this one.
singletons_told=''
stop_singletons() {
  local slot
  slot=$(other_slot "$1")
  [[ -z $SINGLETONS || ! -L $ROOT/slots/$slot ]] || note_hearing "$slot"
  singletons_told=$(moment now)
  # shellcheck disable=SC2086
  [[ -z $SINGLETONS || ! -L $ROOT/slots/$slot ]] || stop_services "$slot" $SINGLETONS
}

# Seconds that singletons have to come up again which were stopped.
again=20

# Whether the slot that serves was left alone: compose would make its containers anew where the environment file has changed
# since, and that costs requests.
still_serves() {
  local service had=()
  ((!has_other_environment)) && [[ $slot == "$(serving_slot)" ]] && settle_ends "$slot" && base_up "$1" && connect_base "$1" "$slot" && edge_up "$1" || return 1
  absent=$ABSENT ask=$PORT
  steer "$1" "$slot" || true
  stop_singletons "$slot" || return 1
  # Whoever has stopped some of it may have had another threads.yml; and the release before may not have had all of them.
  know_made "$slot" || return 1
  for service in $SINGLETONS $(stopped_in "$slot"); do
    is_absent "$service" || [[ ${made_in[$slot]} != *" $service "* || " ${had[*]} " == *" $service "* ]] || had+=("$service")
  done
  ((!${#had[@]})) || start_services "$1" "${had[@]}" || return 1
  if look "$1" && answers_as "$2"; then return 0; fi
  ((${#had[@]})) && verify "$1" "$2" "$again"
}
