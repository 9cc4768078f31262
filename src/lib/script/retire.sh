#!/bin/bash
# shellcheck disable=SC2034,SC2153,SC2154 # one of the parts of a script: what it sets or uses, another one uses or sets
# What becomes of the slot that has served: nothing of it is lost, and what had to be cut off is said.

# The requests that a slot has under way may end from now on; how many did not is read from `draining`. Nothing waits for it
# before that is of use: by then the release is recorded, and the fifth that was kept for the way back is theirs. Where
# one is taken all the same, it may go on when the script has ended, and must not keep the host's lock.
draining='' drained=''
begin_drain() {
  [[ -z $draining ]] || exec {draining}<&-
  draining='' drained=$1
  [[ ! -L $ROOT/slots/$1 ]] || exec {draining}< <(exec 3>&- 4>&- 9>&-; budget=$DEADLINE; edge_asks "$edge" drain "$1" "$DRAIN" || echo unknown)
}

# The other slot's requests end, and its workers get the time that they need: nobody asks those, so they end meanwhile.
retire_other() {
  local other cut told='' ending='' workers='' failed=0
  other_slot "$slot"
  other=$REPLY
  [[ -L $ROOT/slots/$other ]] || return 0
  [[ -n $draining && $drained == "$other" ]] || begin_drain "$other"
  if ! is_warm "$1"; then
    note_hearing "$other"
    # Told twice, they would take it for more haste.
    has_order "$ROOT/slots/$other" || workers=$WORKERS
  fi
  if [[ -n $workers ]]; then
    moment
    workers_told=$REPLY
    # shellcheck disable=SC2086
    stop_services "$other" $workers 3>&- 4>&- &
    ending=$!
  fi
  read -r cut <&"$draining" || cut=unknown
  if [[ $cut != 0 ]]; then
    warn "requests that were cut off after $DRAIN s: $cut"
    cut_off "$1" "$other" || true
  fi
  if is_warm "$1"; then return 0; fi
  turn_away "$1" "$other" || true
  moment
  told=$REPLY
  # shellcheck disable=SC2086
  stop_services "$other" but $workers || failed=1
  # Waited for in any case: what is still at work when the script ends would keep the host's lock.
  [[ -z $ending ]] || wait "$ending" || failed=1
  tell_ends "$other" "$told"
  return "$failed"
}

# Who asks has what serves by now: what of the other slot does not end is told, and keeps nothing from being done.
leave_other() {
  local why
  if retire_other "$1"; then return 0; fi
  why=$(reason)
  warn "after the switch: not all that ran before has ended${why:+: $why}; the next deployment on this host ends it"
}

# Which containers of a slot hear the signal that is to end them, by id: the kernel keeps from a PID 1 what it has no handler for
# (pid_namespaces(7)); one that is blocked waits for whoever reads it. An init that hands signals on waits for them in
# sigtimedwait(2), for as long as which they show as not blocked: it is known by its name. Known only while they run.
declare -A hears=()
noted=''
note_hearing() {
  local those='' rows id pid signal key mask _
  local -A numbers=()
  [[ $noted != "$1" ]] && know_made "$1" || return 0
  while read -r id _; do those+=" $id"; done < <(printf '%s\n' "${made_in[$1]}")
  [[ -n ${those// /} ]] || return 0
  template '<.Id> <.State.Pid> <with index .Config "StopSignal"><.><else>SIGTERM<end>'
  # shellcheck disable=SC2086
  rows=$(timeout --foreground -k 5 20 docker inspect --type container \
    --format "$REPLY" $those </dev/null 2>/dev/null) || [[ -n $rows ]] || return 0
  while read -r id pid signal; do
    signal=${signal#SIG}
    if [[ ! $signal =~ ^[0-9]+$ ]]; then
      [[ -n ${numbers[$signal]:-} ]] || numbers[$signal]=$(kill -l "$signal" 2>/dev/null) || continue
      signal=${numbers[$signal]}
    fi
    [[ -r /proc/$pid/status ]] || continue
    while read -r key mask _; do
      [[ $key != Name: || ! $mask =~ ^(docker-init|tini|dumb-init|catatonit)$ ]] || hears[$id]=1
      [[ $key != SigCgt: && $key != SigBlk: ]] || hears[$id]=$((${hears[$id]:-0} | (16#$mask >> (signal - 1)) & 1))
    done 2>/dev/null <"/proc/$pid/status" || true
  done < <(printf '%s\n' "$rows")
  noted=$1
}

# How what was in a slot has ended since it was told to, at `$2`: what did not end by itself was killed, and with it what it was
# at. `tasks` stays null where no worker's log tells, which is not the same as none.
tasks=null
workers_told=''
tell_ends() {
  local projects=("$APP-$1") rows service oneoff id state exit_code since tells ended open told=0 finished=0 lost=0 fd row reading=() _
  rows=$(container_rows) || return 0
  # Docker reads all of their logs at the same time.
  while IFS='|' read -r service oneoff id _ _ _ state exit_code _; do
    [[ $oneoff != True && $state == exited ]] || continue
    since=$2
    [[ -z $singletons_told || " $SINGLETONS " != *" $service "* ]] || since=$singletons_told
    [[ -z $workers_told || " $WORKERS " != *" $service "* ]] || since=$workers_told
    exec {fd}< <(exec 3>&- 4>&- 9>&-; tasks_of "$id" "$exit_code" "$since")
    reading+=("$fd $id $exit_code $since $service")
  done < <(printf '%s\n' "$rows")
  for row in "${reading[@]}"; do
    # shellcheck disable=SC2086 # none of them has a space
    set -- $row
    fd=$1 id=$2 exit_code=$3 since=$4 service=$5 tells=0 open=0
    read -r tells ended open <&"$fd" || true
    exec {fd}<&-
    # What one that ended by itself had not begun, the broker gives to another.
    if ((tells)); then told=1 finished=$((finished + ended)) lost=$((lost + (exit_code == 0 ? 0 : open))); else open=0; fi
    ((exit_code != 137)) || tell_killed "$service" "$id" "$since" "$open"
  done
  warn_of_killed
  ((!told)) || tasks="{\"finished\":$finished,\"lost\":$lost}"
}

# Why a container has ended by KILL, as far as docker and the kernel tell; nothing of one that had before it was told to.
template '<.Id>|<.State.OOMKilled>|<.State.FinishedAt>|<printf "%v" (index .Config "StopTimeout")>|<with index .Config "StopSignal"><.><else>SIGTERM<end>|<.Path>'
killed_row=$REPLY
tell_killed() {
  local row oom=false finished='' grace=10 signal=SIGTERM path='' lasted='' left='' why=''
  row=$(timeout --foreground -k 1 10 docker inspect --type container --format "$killed_row" "$2" </dev/null 2>/dev/null) || row=''
  [[ -z $row ]] || IFS='|' read -r _ oom finished grace signal path < <(printf '%s\n' "$row")
  # Docker's own where compose names none.
  [[ $grace =~ ^[0-9]+$ ]] || grace=10
  lasted=$(tenths "$3" "$finished") || lasted=''
  (($4 == 0)) || left=", with $4 tasks under way"
  if [[ $oom == true ]]; then
    why='was killed for want of memory'
  elif [[ -z $lasted ]]; then
    why='was killed'
  elif ((lasted < 0)); then
    return 0
  elif ((lasted < grace * 10)); then
    why="was killed after $((lasted / 10)).$((lasted % 10)) s by something else than its stop_grace_period, which is $grace s"
  else
    why="did not end in its stop_grace_period of $grace s and was killed"
  fi
  if [[ $why == 'did not'* ]]; then left+="; $(why_late "$2" "$signal" "${path##*/}")"; fi
  killed["$1|$why$left"]=$((${killed["$1|$why$left"]:-0} + 1))
}

# Once for all containers of a service of which the same is true.
declare -A killed=()
warn_of_killed() {
  local what times
  for what in "${!killed[@]}"; do
    times=${killed[$what]}
    if ((times == 1)); then warn "${what%%|*} ${what#*|}"; else warn "${what%%|*} ($times containers) ${what#*|}"; fi
  done
  killed=()
}

why_late() {
  case ${hears[$1]:-unknown} in
  1) echo "it listens for $2 and needed longer than that" ;;
  0)
    case $3 in
    sh | bash | dash | ash | busybox) echo "its PID 1 is a shell ($3), which hands no $2 on: \`exec\` the program in it, or give the service \`init: true\`" ;;
    *) echo "its PID 1 ($3) does not listen for $2, and a PID 1 is not ended by what it does not listen for: have it do so, or give the service \`init: true\`" ;;
    esac
    ;;
  *) echo "whether its PID 1 ($3) listens for $2 is not known" ;;
  esac
}

# Tenths of a second between two moments; fails where one is none.
tenths() {
  local from to
  [[ -n $2 ]] && from=$(date -d "$1" +%s%1N 2>/dev/null) && to=$(date -d "$2" +%s%1N 2>/dev/null) || return 1
  echo $((to - from))
}

# Of what was killed all has to be read: what it was at may have begun long ago.
tasks_of() {
  local part=()
  [[ $2 != 0 ]] || part=(--tail 5000)
  { timeout --foreground -k 1 10 docker logs --timestamps "${part[@]}" "$1" 2>&1 </dev/null || echo unread; } | awk -v since="$3" "$TASKS_AWK"
}
