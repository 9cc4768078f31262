#!/bin/bash
# shellcheck disable=SC2034,SC2153,SC2154 # one of the parts of a script: what it sets or uses, another one uses or sets
# What becomes of the slot that has served: nothing of it is lost, and what had to be cut off is said.

# The requests that a slot has under way may end from now on; how many did not is read from `draining`. Nothing waits for it
# before that is of use.
draining='' drained=''
begin_drain() {
  [[ -z $draining ]] || exec {draining}<&-
  draining='' drained=$1
  [[ ! -L $ROOT/slots/$1 ]] || exec {draining}< <(exec 3>&- 4>&-; edge_asks "$edge" drain "$1" "$DRAIN" || echo unknown)
}

# The other slot's requests end, and its workers get the time that they need.
retire_other() {
  local other cut told
  other=$(other_slot "$slot")
  [[ -L $ROOT/slots/$other ]] || return 0
  [[ -n $draining && $drained == "$other" ]] || begin_drain "$other"
  read -r cut <&"$draining" || cut=unknown
  if [[ $cut != 0 ]]; then
    warn "requests that were cut off after $DRAIN s: $cut"
    cut_off "$1" "$other" || true
  fi
  [[ $(strategy_words "$1") != 'slots warm'* ]] || return 0
  turn_away "$1" "$other" || true
  told=$(moment now)
  slot=$other in_slot "$ROOT/slots/$other" stop || return 1
  tell_ends "$other" "$told"
}

# How what was in a slot has ended since it was told to, at `$2`: what did not end by itself was killed, and with it what it was
# at. `tasks` stays null where no worker's log tells, which is not the same as none.
tasks=null
tell_ends() {
  local projects=("$APP-$1") rows service oneoff id state exit_code since tells ended open told=0 finished=0 lost=0 _
  rows=$(container_rows) || return 0
  while IFS='|' read -r service oneoff id _ _ _ state exit_code _; do
    [[ $oneoff != True && $state == exited ]] || continue
    since=$2 tells=0 open=0
    [[ -z $singletons_told || " $SINGLETONS " != *" $service "* ]] || since=$singletons_told
    read -r tells ended open < <(tasks_of "$id" "$exit_code" "$since") || true
    # What one that ended by itself had not begun, the broker gives to another.
    if ((tells)); then told=1 finished=$((finished + ended)) lost=$((lost + (exit_code == 0 ? 0 : open))); else open=0; fi
    ((exit_code != 137)) ||
      warn "$service did not end in its stop_grace_period and was killed$( ((open == 0)) || echo ", with $open tasks under way"); a shell that starts a program without exec hands no signal on"
  done < <(printf '%s\n' "$rows")
  ((!told)) || tasks="{\"finished\":$finished,\"lost\":$lost}"
}

# Of what was killed all has to be read: what it was at may have begun long ago.
tasks_of() {
  local part=()
  [[ $2 != 0 ]] || part=(--tail 5000)
  { timeout --foreground -k 1 10 docker logs --timestamps "${part[@]}" "$1" 2>&1 </dev/null || echo unread; } | awk -v since="$3" "$TASKS_AWK"
}
