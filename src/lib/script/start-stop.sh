#!/bin/bash
# shellcheck disable=SC2034,SC2153,SC2154 # one of the parts of a script: what it sets or uses, another one uses or sets
# What compose has made in a slot is started and stopped by docker itself, which takes a tenth of the time. Only where services
# have an order among them, or something to do then, compose is asked: it alone knows of that. So it is where there are secrets
# or configs: compose writes those of the model itself into a container, newer ones only when it starts.

has_order() {
  grep -qsE '^"?(secrets|configs)"?:|^ +"?(depends_on|links|volumes_from|post_start|pre_stop)"?:|: "?(service|container):' "$1/slot.yml"
}

# id, service and state of a slot's containers, a line each. Fails where docker does not tell.
slot_rows() {
  local rows
  template '<.ID> <.Label "com.docker.compose.service"> <.State> <.Label "com.docker.compose.oneoff">'
  rows=$(timeout --foreground -k 5 20 docker ps -a --no-trunc --filter "label=com.docker.compose.project=$APP-$1" --filter label=com.docker.compose.config-hash \
    --format "$REPLY" </dev/null) || return 1
  printf '%s\n' "$rows" | sed -n 's/ False$//p'
}

# Those of a slot, until compose makes others: only which they are, since what they do changes. Fails as slot_rows.
declare -A made_in=()
see_made() { made_in[$1]=$(slot_rows "$1"); }
know_made() { [[ -n ${made_in[$1]:-} ]] || see_made "$1"; }

# Services of a slot that were told to end, and were not started since. One that may end has then the exit code of one that is
# done: without this record it is taken for that.
# Into REPLY.
stopped_in() { REPLY=''; [[ ! -s $ROOT/slots/$1.stopped ]] || REPLY=$(<"$ROOT/slots/$1.stopped"); REPLY=${REPLY//$'\n'/ }; }
note_started() {
  local note=$ROOT/slots/$slot.stopped
  [[ ! -s $note ]] || { grep -vxF "$(printf '%s\n' "$@")" "$note" || true; } | write "$note" || true
}

# Services of which the slot has containers; each by a call of its own, since docker starts those of one call one by one.
start_services() {
  local at=$1 id service calls=() failed=0 _
  shift
  (($#)) || return 0
  if has_order "$at"; then
    in_slot "$at" start "$@" && note_started "$@"
    return
  fi
  know_made "$slot" || return 1
  while read -r id service _; do
    [[ -n $id && " $* " == *" $service "* ]] || continue
    bounded docker start "$id" >/dev/null 3>&- 4>&- 9>&- &
    calls+=("$!")
  done < <(printf '%s\n' "${made_in[$slot]}")
  ((${#calls[@]})) || return 1
  for id in "${calls[@]}"; do wait "$id" || failed=1; done
  ((!failed)) && note_started "$@"
}

# Those that are named, or with `but` all others; each has the grace that compose has given it. What has ended stays as it is.
stop_services() {
  local name=$1 id service but='' ids=() services=() note _
  shift
  (($#)) || return 0
  [[ $1 != but ]] || { but=yes; shift; }
  know_made "$name" || return 1
  while read -r id service _; do
    [[ -n $id ]] || continue
    if [[ " $* " == *" $service "* ]]; then [[ -z $but ]] || continue; else [[ -n $but ]] || continue; fi
    ids+=("$id") services+=("$service")
  done < <(printf '%s\n' "${made_in[$name]}")
  ((${#ids[@]})) || return 0
  note=$ROOT/slots/$name.ending-$BASHPID
  printf '%s\n' "${ids[@]}" >"$note" || true
  { printf '%s\n' "${services[@]}" >>"$ROOT/slots/$name.stopped" && sync "$ROOT/slots/$name.stopped"; } || true
  if has_order "$ROOT/slots/$name"; then
    slot=$name in_slot "$ROOT/slots/$name" stop "$@" || return 1
  else
    bounded docker stop "${ids[@]}" >/dev/null || return 1
  fi
  rm -f "$note"
}

# What a run that was killed had told to end: docker goes on with that by itself, and shows it as running until it is over. So
# it is waited for before anything goes by what runs.
settle_ends() {
  local note id ids=()
  for note in "$ROOT/slots/$1.ending-"*; do
    [[ -e $note ]] || continue
    mapfile -t ids <"$note"
    for id in "${ids[@]}"; do
      bounded docker stop "$id" >/dev/null 2>&1 || [[ -z $(timeout --foreground -k 5 20 docker ps -q --no-trunc --filter "id=$id" </dev/null || echo unknown) ]] || return 1
    done
    rm -f "$note"
  done
}
