#!/bin/bash
# shellcheck disable=SC2034,SC2153,SC2154 # one of the parts of a script: what it sets or uses, another one uses or sets
# The way back: to what the host ran before this deployment, from what is kept on it alone.

# Recovery: of its own words only one line travels, the reason for it is what counts.
go_back() {
  local why
  budget=$DEADLINE
  use_reserve
  if bring_back; then
    # A migration that failed is told as what it is.
    ((code == NOT_MIGRATED)) || code=$BROUGHT_BACK
    rolled_back=true now=old
    shown+=$'\n'"then: back on $previous"
  else
    code=$STUCK now=''
    why=$wrong
    if [[ -n ${secrets+set} ]]; then why=$(printf '%s\n' "${wrong:-$(reason)}" | mask); fi
    shown+=$'\n'"then: going back to $previous failed${why:+: $why}"
  fi
}

# The application as it was before this deployment; nothing where nothing was. What only records may fail.
bring_back() {
  local at=$ROOT/releases/$previous target
  log_size
  wrong='' step_at=$REPLY patient=1
  say "-- going back to $previous"
  put_back_environment || warn "the environment that $SHORT had before could not be put back"
  if [[ $previous == none ]]; then
    # Where this deployment never began to switch, what runs is not its to take down.
    if [[ -e $mark.switch ]]; then take_down || return 1; fi
    remember none || warn "the history could not be written"
    rm -f "$ROOT/current" || warn "$ROOT/current could not be removed"
    settle
    return 0
  fi
  [[ -s $at/compose.yml && -s $at/images.env && -s $at/services ]] || { wrong="$at is not whole"; return 1; }
  target=releases/$previous
  if has_slots "$at"; then back_to_slot "$at" || return 1; else back_to_single "$at" || return 1; fi
  if [[ $(readlink "$ROOT/current") != "$target" ]]; then
    remember "$previous" || warn "the history could not be written"
    point_at "$target" || warn "$ROOT/current could not be set to $previous"
  fi
  if has_slots "$at"; then note_served || true; leave_other "$at"; fi
  settle
}

back_to_single() {
  absent=$ABSENT ask=$PORT
  leave_slots || return 1
  bring_up "$1" || return 1
  verify "$1" "$(revision_of "$previous")" "$HEALTH_TIMEOUT"
}

# The slot that has it, which serves, or is whole and stopped; else it gets the other one.
back_to_slot() {
  local revision
  revision=$(revision_of "$previous")
  slot_of "$previous"
  slot=$REPLY
  if [[ -z $slot ]]; then slot_of "$SHORT" && other_slot "$REPLY" && slot=$REPLY; fi
  target=slots/$slot
  if still_serves "$1" "$revision"; then return 0; fi
  if is_whole "$1" && ! slot_serves && restart_slot "$1" "$revision" "$again"; then
    straight=1
    take_over "$1" "$revision" && pass_on "$1" "$revision" "$HEALTH_TIMEOUT"
    return
  fi
  fill_slot "$1" || return 1
  serve_from_slot "$1" "$revision" "$HEALTH_TIMEOUT"
}

# The switch that was begun is taken back.
settle() { rm -f "$mark.switch" "$ROOT/weighed" || true; }
