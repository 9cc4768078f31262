#!/bin/bash
# shellcheck disable=SC2034,SC2153,SC2154 # one of the parts of a script: what it sets or uses, another one uses or sets
# A part of the requests for a release that is not recorded yet: `current` stays what it was, so that a host that is started
# anew serves from that alone. `weighed` is written before the edge is told, and gone only after it was told otherwise.

weighed=0

# Whether this release has a part of the requests here already, so that it has all that it needs and has migrated.
is_weighed() {
  [[ $ACTION != restore ]] && read_weighed && [[ $w_short == "$SHORT" ]] && has_slots "$dir" && as_ordered || return 1
  choose_slot
  ! slot_serves && slot_of "$SHORT" && [[ $REPLY == "$slot" ]] || return 1
  # The same deployment goes forward: what was sent before, and comes late, is no order any more.
  [[ $ACTION != weigh || $w_number != "$NUMBER" ]] || ((STEP >= w_step)) ||
    fail "$SUPERSEDED" "step $w_step of deployment $NUMBER has been here already"
}

# All requests go to what serves by the record, at once.
leave_weights() {
  local serving
  [[ -e $ROOT/weighed ]] || return 0
  serving_slot
  serving=$REPLY edge=$(edges | head -n 1)
  if [[ -n $serving && -n $edge ]] && steer "$ROOT/current" "$serving"; then
    steered_at=''
    say "-- all requests go to the slot $serving again"
    # A way back stops the other slot in its own time.
    other_slot "$serving"
    [[ $ACTION == restore ]] || edge_asks "$edge" drain "$REPLY" "$DRAIN" || true
    rm -f "$ROOT/weighed" || true
  else
    warn "the edge could not be told to send every request to what serves"
  fi
  edge=''
}

# The release beside what serves gets so many of a hundred requests.
weigh() {
  local limit
  enter weigh "$BROUGHT_BACK" "the new release did not come up"
  begin_switch
  changed=true
  left
  limit=$((REPLY < HEALTH_TIMEOUT ? REPLY : HEALTH_TIMEOUT))
  come_up "$dir" "$REVISION" "$limit" || fail "$BROUGHT_BACK" "the new release did not come up: ${wrong:-$(reason)}"
  share || fail "$BROUGHT_BACK" "the edge could not be told to send $WEIGHT of 100 requests to the new release${wrong:+: $wrong}"
}

share() {
  local tally since
  tally=$(edge_asks "$edge" tally) || return 1
  milliseconds
  since=$REPLY
  # What was counted for this step before counts still: whoever goes on with it need not begin anew.
  if read_weighed && [[ "$w_short $w_step $w_weight $w_edge" == "$SHORT $STEP $WEIGHT $edge" && $(weight_of "$slot") == "$WEIGHT" ]]; then
    tally=$w_tally since=$w_since
  fi
  note "$ROOT/weighed" "$NUMBER $SHORT $STEP $WEIGHT $edge $since $tally" || { wrong="it could not be written down"; return 1; }
  steer "$dir" "$slot" "$WEIGHT"
}

# Of a slot, by the edge's own word.
weight_of() { edge_asks "$edge" weight "$1" || true; }

# Since when a slot serves, and what the one before it has answered in its time: a release that is watched is compared with that.
note_served() {
  local now at_edge at_slot since before tally
  now=$(edge_asks "$edge" tally) || { rm -f "$ROOT/edge/served"; return 0; }
  if { read -r at_edge at_slot since before tally <"$ROOT/edge/served"; } 2>/dev/null && [[ $at_edge == "$edge" && -n $tally ]]; then
    [[ $at_slot != "$slot" ]] || return 0
    # shellcheck disable=SC2086
    before=$(edge_asks "$edge" own "$at_slot" $tally) || before=none
  else
    before=none
  fi
  milliseconds
  note "$ROOT/edge/served" "$edge $slot $REPLY $before $now"
}
