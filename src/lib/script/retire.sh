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
  local other cut
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
  slot=$other in_slot "$ROOT/slots/$other" stop || return 1
  tell_killed "$other"
}

# What did not end by itself was killed, and with it what it was at.
tell_killed() {
  local projects=("$APP-$1") rows service oneoff id state exit_code tasks _
  rows=$(container_rows) || return 0
  while IFS='|' read -r service oneoff id _ _ _ state exit_code _; do
    [[ $oneoff != True && $state == exited && $exit_code == 137 ]] || continue
    tasks=$(timeout --foreground -k 1 10 docker logs --tail 20000 "$id" 2>&1 | awk "$TASKS_AWK") || tasks=0
    warn "$service did not end in its stop_grace_period and was killed$( ((tasks == 0)) || echo ", with $tasks tasks under way"); a shell that starts a program without exec hands no signal on"
  done < <(printf '%s\n' "$rows")
}
