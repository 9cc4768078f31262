#!/bin/bash
# shellcheck disable=SC2034,SC2153,SC2154 # one of the parts of a script: what it sets or uses, another one uses or sets
# What a host's edge is asked, and what it has counted for each slot.

# Names of the edge's containers that run, without the application's name.
edges() {
  template '<.Names>'
  docker ps --filter "name=^/?$APP-edge-" --format "$REPLY" | sed "s/^$APP-edge-//"
}

# By a perl of the host's own where there is one: that takes a tenth of the time in which docker runs the edge's.
own_perl=''
has_perl() {
  [[ -n $own_perl ]] || { perl -MIO::Socket::UNIX -e 1 2>/dev/null && own_perl=true || own_perl=false; }
  $own_perl
}
edge_asks() {
  local name=$1 socket=$ROOT/edge/run/$1.sock
  shift
  if [[ -S $socket ]] && has_perl; then
    bounded perl -e "$EDGE_PL" "$socket" "$@"
  else
    bounded docker exec "$APP-edge-$name" perl -e "$EDGE_PL" "/threads/edge/run/$name.sock" "$@"
  fi
}

# Into REPLY.
other_slot() { REPLY=blue; [[ $1 != blue ]] || REPLY=green; }

# number, release, step, weight, edge, since when in milliseconds, and what both slots had counted by then.
read_weighed() {
  read -r w_number w_short w_step w_weight w_edge w_since w_tally < <(cat "$ROOT/weighed" 2>/dev/null) &&
    [[ $w_number =~ ^[0-9]{1,15}$ && $w_short =~ ^[0-9a-f]{12}$ && $w_step$w_weight$w_since =~ ^[0-9]+$ && -n $w_tally ]]
}

# The release that has a part of the requests beside what serves: how many of a hundred, by the edge's own word, and what both
# have answered since it has as many. null where there is none; `slots` is null where the edge does not tell.
weighed_json() {
  local w_number w_short w_step w_weight w_edge w_since w_tally at serving slots=null
  if ! read_weighed || [[ $(readlink "$ROOT/current") != slots/* ]]; then printf null; return; fi
  at=$ROOT/releases/$w_short serving=$(readlink "$ROOT/current") serving=${serving##*/}
  other_slot "$serving"
  [[ $(readlink "$ROOT/slots/$REPLY") == "../releases/$w_short" ]] || { printf null; return; }
  # shellcheck disable=SC2086
  slots=$(edge_asks "$w_edge" slots "$w_since" "$serving" $w_tally 2>/dev/null) && [[ -n $slots ]] || slots=null
  json_texts "$(sed -n 's/^REVISION=//p' "$at/images.env" 2>/dev/null)" "$(cat "$at/complete" 2>/dev/null)"
  milliseconds
  printf '{"number":%d,"step":%d,"weight":%d,"revision":%s,"bundle":%s,"sinceMs":%d,"slots":%s}' "$w_number" "$w_step" "$w_weight" \
    "${quoted[@]}" "$((REPLY - w_since))" "$slots"
}

# What the slot that serves has answered since it does, and the one before it in its time; null where the edge does not tell.
served_json() {
  local at_edge slot before tally now _
  read -r at_edge slot _ before tally < <(cat "$ROOT/edge/served" 2>/dev/null) || true
  if [[ -z $tally || $(readlink "$ROOT/current") != "slots/$slot" ]]; then printf null; return; fi
  # shellcheck disable=SC2086
  now=$(edge_asks "$at_edge" served "$slot" "$before" $tally 2>/dev/null) && [[ -n $now ]] || now=null
  printf '%s' "$now"
}
