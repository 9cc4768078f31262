#!/bin/bash
# shellcheck disable=SC2034,SC2153,SC2154 # one of the parts of a script: what it sets or uses, another one uses or sets
# How a release of a slot comes to serve.

# A release of a slot comes up beside what serves, is looked at there, and gets all requests; then its singletons take over.
# `wrong` says why it does not. The edge has it, nothing is recorded yet.
serve_from_slot() { come_up "$@" && take_over "$@" && pass_on "$@"; }

come_up() {
  local at=$1 revision=$2 limit=$3
  wait_singletons
  passes_on || stop_singletons "$slot"
  own_port "$at"
  ask=$REPLY
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
    moment
    began=$REPLY
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
  other_slot "$slot"
  begin_drain "$REPLY"
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
  other_slot "$1"
  slot=$REPLY
  [[ -z $SINGLETONS || ! -L $ROOT/slots/$slot ]] || note_hearing "$slot"
  moment
  singletons_told=$REPLY
  # shellcheck disable=SC2086
  [[ -z $SINGLETONS || ! -L $ROOT/slots/$slot ]] || stop_services "$slot" $SINGLETONS
}

# Seconds that singletons have to come up again which were stopped.
again=20

# Whether the slot that serves was left alone: compose would make its containers anew where the environment file has changed
# since, and that costs requests.
still_serves() {
  local service had=()
  ((!has_other_environment)) && slot_serves && settle_ends "$slot" && base_up "$1" && connect_base "$1" "$slot" && edge_up "$1" || return 1
  absent=$ABSENT ask=$PORT
  steer "$1" "$slot" || true
  stop_singletons "$slot" || return 1
  # Whoever has stopped some of it may have had another threads.yml; and the release before may not have had all of them.
  know_made "$slot" || return 1
  stopped_in "$slot"
  for service in $SINGLETONS $REPLY; do
    is_absent "$service" || [[ ${made_in[$slot]} != *" $service "* || " ${had[*]} " == *" $service "* ]] || had+=("$service")
  done
  ((!${#had[@]})) || start_services "$1" "${had[@]}" || return 1
  if look "$1" && answers_as "$2"; then return 0; fi
  ((${#had[@]})) && verify "$1" "$2" "$again"
}
