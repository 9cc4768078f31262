#!/bin/bash
# shellcheck disable=SC2034,SC2153,SC2154 # one of the parts of a script: what it sets or uses, another one uses or sets
# Brings one release up on this host (ACTION=deploy), gives it WEIGHT of a hundred requests beside what serves (ACTION=weigh),
# or brings back what ran before deployment NUMBER (ACTION=restore).
# Idempotent, fenced by NUMBER, and bounded by DEADLINE seconds. stdout is one line of JSON; the rest is in the log.
mkdir -p "$ROOT"/{releases,deployments,log} || true
log=$ROOT/log/$NUMBER.log
{ : >>"$log"; } 2>/dev/null || log=/dev/null
exec 3>&1 4>&2 </dev/null >>"$log" 2>&1

case $ACTION in weigh) phase=0 ;; deploy) phase=1 ;; *) phase=2 ;; esac
fence=$((NUMBER * 10 + phase))
mark=$ROOT/deployments/$NUMBER
dir=$ROOT/releases/$SHORT
# A fifth of the time is kept for bringing the old release back.
budget=$((DEADLINE * 4 / 5))
step=start code=$BUG message='the host script failed' detail='' step_at=0
slot='' edge=''
previous=none changed=false rolled_back=false warnings=()
newest='' wrong='' guilty='' guilty_id=''
# Switched: something of the new release may run. Committed: it is what serves, whatever happens to this script.
switched=0 committed=0
# What is served now: old while nothing is touched; '' where it must be looked at.
now=unknown

enter() { time_step; step=$1 code=$2 message=$3 detail=''; log_size; step_at=$REPLY; say "== $step"; }
# How long each step has taken, as JSON.
timings=''
milliseconds
entered_at=$REPLY
time_step() {
  milliseconds
  timings+="${timings:+,}[\"$step\",$((REPLY - entered_at))]" entered_at=$REPLY
}
# What a program has said goes into the third argument: it is masked before it leaves.
fail() { code=$1 message=$2 detail=${3:-}; exit "$code"; }
# Seconds, into REPLY.
left() { REPLY=$((budget - SECONDS)); ((REPLY > 0)) || REPLY=1; }
# In the foreground: a process group of its own would outlive the agent's kill.
bounded() {
  local REPLY
  left
  timeout --foreground -k 15 "$REPLY" "$@" 9>&-
}
# Also where nobody has thought of it: a daemon that hangs must not keep a deployment from its way back.
docker() { bounded docker "$@"; }

summary() {
  local ok=$1 text=$2 tried=$tried warning list='' line seen
  # What went well has it as its own.
  [[ $ok == false ]] || tried='"environmentTried":null'
  look_where_it_serves
  # Docker and the edge are asked at the same time.
  exec {seen}< <(exec 3>&- 4>&- 9>&-; containers_json 2>/dev/null || echo null)
  for warning in "${warnings[@]}"; do json_text "$warning" && list+="${list:+,}$REPLY"; done
  json_text "$text"
  printf -v line '{"threads":1,"action":"%s","number":%d,"nonce":"%s","ok":%s,"code":%d,"step":"%s","message":%s,"changed":%s,"rolledBack":%s,"now":"%s","warnings":[%s],"timings":[%s],"traffic":%s,"tasks":%s,"current":%s,"environment":%s,%s,"services":%s,"expected":%s,"containers":%s}' \
    "$ACTION" "$NUMBER" "$NONCE" "$ok" "$code" "$step" "$REPLY" "$changed" "$rolled_back" "${now:-unknown}" \
    "$list" "$timings" "$(traffic_json)" "$tasks" "$(current_json)" "$(environment_json)" "$tried" "$(services_json)" "$(expected_json)" "$(cat <&"$seen")"
  hand_on "$line"
}

finish() {
  local status=$? line shown=''
  trap - EXIT
  trap '' TERM INT HUP
  set +e
  time_step
  if ((status != 0 && committed)); then
    warn "after the switch: ${message:-$step failed}"
    status=0
  fi
  if ((status == 0)); then
    code=0 step=finished now=old
    case $ACTION in deploy) now=new ;; weigh) now=both ;; esac
    line=$(summary true "$message")
    [[ $ACTION == weigh ]] || note "$mark.$phase.done" "$line"
    printf '%s\n' "$line" >&3
    exit 0
  fi
  say "!! $step: $message (exit status $status)"
  if ((switched)); then explain; fi
  if [[ $step == start ]]; then
    # Refused before anything ran.
    shown=$message
  elif learn_both; then
    shown=$(masked_step)
    detail=$(printf '%s\n' "$detail" | mask)
  else
    shown="the values of the environment cannot be read, so nothing that a program has printed is shown" detail=''
  fi
  if ((switched)); then go_back; else drop_environment; fi
  [[ -n $now ]] || now=$(serving)
  summary false "$message${detail:+: $detail}" >&3
  printf '%s\n' "$shown" "the whole log is on the host: $log" >&4
  exit "$code"
}
trap finish EXIT
trap 'fail "$STOPPED" "the host script was told to stop"' TERM INT HUP

swept_row='<.ID>|<.Label "com.docker.compose.project">|<.Label "com.docker.compose.oneoff">|<.State>|<.Names>|<.Label "threads.deployment">'
# What an earlier run that was killed may have left; what somebody else runs by hand is left alone, and said. Only tidies,
# so that nothing here ends a run.
sweep() {
  # A migration runs in the slot of its release.
  local rows id project oneoff state name ours
  rm -rf "$ROOT"/releases/.new.* "$ROOT"/releases/*/environments/.new.* || true
  for id in $(docker ps -aq --filter label=threads.scratch); do docker rm -f "$id" >/dev/null || true; done
  template "$swept_row"
  rows=$(timeout --foreground -k 5 20 docker ps -a --no-trunc --filter label=com.docker.compose.config-hash --format "$REPLY") || return 0
  while IFS='|' read -r id project oneoff state name ours <&5; do
    [[ -n $id && " ${all_projects[*]} " == *" $project "* ]] || continue
    if [[ $oneoff == True && -n $ours ]]; then
      # dockerd goes on with a migration whose client was killed: let it end, half of one helps nobody.
      say "waiting for the one-off container $id of an earlier run"
      # Half of what is left, at most: what comes after it needs time, too.
      left
      timeout --foreground -k 15 "$(((REPLY + 1) / 2))" docker wait "$id" >/dev/null 9>&- || true
      docker rm -f "$id" >/dev/null || true
    elif [[ $oneoff == True ]]; then
      warn "the one-off container ${id:0:12} was not started by threads and is left alone"
    elif [[ $state == created && $name =~ ^[0-9a-f]{12}_ ]]; then
      # Compose's half-made replacement: <12 hex>_<name>, created and never started.
      docker rm -f "$id" >/dev/null || true
    fi
  done 5< <(printf '%s\n' "$rows")
}

# Whatever compose is about to remove as an orphan although no release of ours has brought it.
name_strangers() {
  local service oneoff id name rows _
  rows=$(container_rows) || return 0
  while IFS='|' read -r service oneoff id name _; do
    [[ -n $id && $oneoff != True ]] || continue
    grep -qxF "$service" "$dir/services" "$ROOT/releases/$previous/services" 2>/dev/null ||
      warn "the container ${name#/} of the compose project $APP was not deployed by threads: it is removed"
  done < <(printf '%s\n' "$rows")
}

# From here on something of the new release may run.
begin_switch() {
  ((!switched)) || return 0
  note "$mark.switch" "$SHORT" || unrecorded "$mark.switch"
  switched=1 now=''
  take_environment
}

# A slot has what the release needs before anything of it runs: the migration runs there, too.
prepare() {
  has_slots "$dir" || return 0
  enter prepare "$BROUGHT_BACK" "the slot could not be prepared"
  begin_switch
  start_counting
  if has_base "$dir"; then leave_single; fi
  fill_slot "$dir" || fail "$BROUGHT_BACK" "the slot could not be prepared" "$(reason)"
}

switch() {
  local limit
  enter switch "$BROUGHT_BACK" "the new release did not come up"
  begin_switch
  if [[ $previous != "$SHORT" ]]; then changed=true; fi
  left
  limit=$((REPLY < HEALTH_TIMEOUT ? REPLY : HEALTH_TIMEOUT))
  if has_slots "$dir"; then
    { come_up "$dir" "$REVISION" "$limit" && take_over "$dir" "$REVISION"; } || fail "$BROUGHT_BACK" "the new release did not serve: ${wrong:-$(reason)}"
    pass_on_singletons "$limit"
    return
  fi
  leave_slots || fail "$BROUGHT_BACK" "the slots of the earlier release could not be removed" "$(reason)"
  bring_up "$dir" || fail "$BROUGHT_BACK" "the new release did not come up" "$(reason)"
  enter verify "$BROUGHT_BACK" "the new release is not healthy"
  verify "$dir" "$REVISION" "$limit" || fail "$BROUGHT_BACK" "$( ((crashed)) || printf 'not healthy within %d s: ' "$limit")$wrong"
}

# A phase of its own: those who ask have the release by now.
pass_on_singletons() {
  passes_on || return 0
  enter singletons "$BROUGHT_BACK" "what comes after the switch did not come up"
  pass_on "$dir" "$REVISION" "$1" || fail "$BROUGHT_BACK" "the release did not serve: ${wrong:-$(reason)}"
}

# The one point of no return is the renaming of `current`: before it every failure leads back, after it none does.
commit() {
  enter record "$BROUGHT_BACK" "the deployment could not be recorded"
  printf -v REPLY '%d %s %s %(%FT%TZ)T' "$NUMBER" "$REVISION" "$BUNDLE" -1
  note "$dir/record" "$REPLY"
  remember "$SHORT"
  trap '' TERM INT HUP
  if has_slots "$dir"; then point_at "slots/$slot"; else point_at "releases/$SHORT"; fi
  committed=1 now=new
  # Nothing needs to be kept for a way back any more.
  budget=$DEADLINE
  sync "$ROOT" || true
  rm -f "$ROOT/weighed" || true
  note_whole "$dir"
  if has_slots "$dir"; then note_served || true; fi
}

say "deployment $NUMBER: $ACTION${REVISION:+ ${REVISION:0:12}}"
[[ -z $missing ]] || warn "$missing"
free_kb "$ROOT"
if [[ $ACTION == restore ]] || ((REPLY < 512)); then use_reserve; fi
accept
if [[ $ACTION == restore ]]; then
  enter restore "$STUCK" "the previous release could not be brought back"
  budget=$DEADLINE changed=true now=''
  if recorded "$mark.switch" '[0-9a-f]{12}'; then SHORT=$REPLY; else SHORT=-; fi
  leave_weights
  preflight
  sweep
  enter restore "$STUCK" "the previous release could not be brought back"
  bring_back || fail "$STUCK" "the previous release could not be brought back" "${wrong:-$(reason)}"
  message="back on ${previous/none/nothing}"
  exit 0
fi
if is_weighed; then weighed=1; else leave_weights; fi
if ((!weighed)) && is_straight; then take_straight_way; fi
if ((weighed)); then
  start_counting
elif ((!straight)); then
  preflight
  sweep
  fetch_bundle
  examine
  fetch_images
  prepare
  migrate
fi
if [[ $ACTION == weigh ]]; then weigh; exit 0; fi
((straight)) || switch
commit
# What nothing can reach any more goes while the old slot ends. It keeps the lock: as long as it is at work, nobody else may be.
exec {pruning}< <(exec 3>&- 4>&-; set +e; prune)
if has_slots "$dir"; then
  enter retire "$BUG" 'what the old slot still had to do'
  leave_other "$dir"
fi
enter prune "$BUG" 'what earlier runs have left could not be removed'
((!straight)) || sweep
while IFS= read -r stays <&"$pruning"; do warn "after the switch: $stays"; done
message=''
