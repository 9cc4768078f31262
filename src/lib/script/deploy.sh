#!/bin/bash
# shellcheck disable=SC2153 # the arguments are in upper case, put in front by render.ts
# Brings one release up on this host (ACTION=deploy), or brings back what ran before deployment NUMBER (ACTION=restore).
# Idempotent, fenced by NUMBER, and bounded by DEADLINE seconds. stdout is one line of JSON; the rest is in the log.
mkdir -p "$ROOT"/{releases,deployments,log}
log=$ROOT/log/$NUMBER.log
exec 3>&1 4>&2 </dev/null >>"$log" 2>&1

phase=1
[[ $ACTION == restore ]] && phase=2
fence=$((NUMBER * 10 + phase))
mark=$ROOT/deployments/$NUMBER
dir=$ROOT/releases/$SHORT
# A fifth of the time is kept for bringing the old release back.
budget=$((DEADLINE * 4 / 5))
step=start code=20 message='the host script failed'
switched=0 rolled_back=false changed=false previous=''

say() { printf '%(%FT%TZ)T %s\n' -1 "$*"; }
enter() { step=$1 code=$2 message=$3; say "== $step"; }
fail() { code=$1 message=$2; exit "$code"; }
left() { local seconds=$((budget - SECONDS)); echo $((seconds > 1 ? seconds : 1)); }
# In the foreground: a process group of its own would outlive the agent's kill.
bounded() { timeout --foreground -k 15 "$(left)" "$@" 9>&-; }
write() { cat >"$1.new" && mv -fT "$1.new" "$1"; }
compose() {
  local at=$1
  shift
  bounded env -i HOME="$HOME" PATH="$PATH" docker compose -p "$APP" --project-directory "$at" -f "$at/compose.yml" --env-file "$at/images.env" "$@"
}

summary() {
  printf '{"threads":1,"action":"%s","number":%d,"nonce":"%s","ok":%s,"code":%d,"step":"%s","message":%s,"changed":%s,"rolledBack":%s,"current":%s,"containers":%s}\n' \
    "$ACTION" "$NUMBER" "$NONCE" "$1" "$2" "$step" "$(json_text "$3")" "$changed" "$rolled_back" "$(current_json)" "$(containers_json 2>/dev/null || echo '[]')"
}

# Values of the application's environment must not travel in an error report.
masked_tail() {
  local text line value
  text=$(tail -c 6000 "$log")
  while IFS= read -r line || [[ -n $line ]]; do
    value=${line#*=}
    value=${value%$'\r'}
    value=${value#[\"\']}
    value=${value%[\"\']}
    [[ $line == [A-Za-z_]*=* && ${#value} -ge 6 ]] && text=${text//"$value"/[redacted]}
  done < <(cat "$ENV_FILE" 2>/dev/null)
  printf '%s\n' "$text"
}

finish() {
  local status=$? line
  trap - EXIT
  trap '' TERM INT HUP
  set +e
  if ((status == 0)); then
    step=finished
    line=$(summary true 0 "$message")
    printf '%s\n' "$line" | write "$mark.$phase.done"
    printf '%s\n' "$line" >&3
    exit 0
  fi
  say "!! $step: $message (exit status $status)"
  if ((switched)); then
    compose "$dir" logs --no-color --tail 30
    budget=$DEADLINE
    (set -e; bring_back)
    status=$?
    if ((status == 0)); then rolled_back=true code=15; else code=16; fi
  fi
  summary false "$code" "$message" >&3
  masked_tail >&4
  exit "$code"
}
trap finish EXIT
trap 'fail 18 "the host script was told to stop"' TERM INT HUP

accept() {
  local last
  exec 9>"$ROOT/lock"
  flock -w 20 9 || fail 12 "another deployment is at work on this host"
  last=$(cat "$ROOT/fence" 2>/dev/null || echo 0)
  ((fence >= last)) || fail 11 "deployment $((last / 10)) has been here already, and it is newer"
  if ((fence == last)) && [[ -f $mark.$phase.done ]]; then
    cat "$mark.$phase.done" >&3
    trap - EXIT
    exit 0
  fi
  printf '%s\n' "$fence" | write "$ROOT/fence"
  # Written once: after a reboot in the middle, `current` may already be the new one.
  if [[ ! -f $mark.previous ]]; then readlink "$ROOT/current" 2>/dev/null | write "$mark.previous" || write "$mark.previous" </dev/null; fi
  previous=$(<"$mark.previous")
  previous=${previous##*/}
}

preflight() {
  local free
  enter preflight 10 "the host is not ready"
  timeout --foreground -k 5 20 docker version >/dev/null || fail 10 "the Docker daemon does not answer"
  docker compose version || fail 10 "Docker Compose v2 is not installed"
  free=$(df -Pk "$(docker info --format "$(template '<.DockerRootDir>')")" | tail -n 1 | { read -r _ _ _ k _; echo "$k"; })
  ((free >= MIN_FREE_KB)) || fail 10 "only $((free / 1024)) MiB of disk are free, $((MIN_FREE_KB / 1024)) are needed"
  [[ -r $ENV_FILE ]] || fail 10 "the environment file $ENV_FILE is missing"
  ! grep -q $'\r' "$ENV_FILE" || fail 10 "the environment file $ENV_FILE has Windows line ends"
}

# What an earlier run that was killed may have left.
sweep() {
  local id name
  rm -rf "$ROOT"/releases/.new.*
  for id in $(docker ps -aq --filter label=threads.scratch); do docker rm -f "$id"; done
  # dockerd goes on with a migration whose client was killed: let it end, half of one helps nobody.
  for id in $(project_containers --filter label=com.docker.compose.oneoff=True); do
    say "waiting for the one-off container $id of an earlier run"
    bounded docker wait "$id" || true
    docker rm -f "$id" || true
  done
  # Compose's half-made replacement: <12 hex>_<name>, created and never started.
  for name in $(docker ps -a --filter "label=com.docker.compose.project=$APP" --filter status=created --format "$(template '<.Names>')"); do
    if [[ $name =~ ^[0-9a-f]{12}_ ]]; then docker rm -f "$name" || true; fi
  done
}

pull() {
  local ref=$1
  if docker image inspect --format "$(template '<.Id>')" "$ref"; then return 0; fi
  for _ in 1 2 3; do
    if bounded docker pull -q "$ref"; then return 0; fi
    ((SECONDS + 5 < budget)) || break
    sleep "$PAUSE"
  done
  fail 13 "could not pull $ref: $(tail -n 1 "$log")"
}

fetch() {
  local new pair id
  enter pull 13 "the release could not be fetched"
  if [[ $(cat "$dir/complete" 2>/dev/null) != "${BUNDLE##*@}" ]]; then
    pull "$BUNDLE"
    new=$ROOT/releases/.new.$$
    mkdir "$new"
    id=$(docker create --label threads.scratch=1 "$BUNDLE" /none)
    docker cp "$id:/release.json" "$new/release.json"
    docker cp "$id:/compose.yml" "$new/compose.yml"
    docker rm "$id"
    docker image rm "$BUNDLE" || true
    grep -qF "$REVISION" "$new/release.json" || fail 13 "the bundle is not of revision $REVISION"
    for pair in $IMAGES; do
      grep -qF "${pair##*@}" "$new/release.json" || fail 13 "the bundle does not pin ${pair%%=*} to ${pair##*@}"
    done
    printf '%s\n' "${BUNDLE##*@}" >"$new/complete"
    rm -rf "$dir"
    mv -T "$new" "$dir"
  fi
  for pair in $IMAGES; do
    pull "${pair#*=}"
    # An image without a tag is what `docker image prune` takes first.
    docker tag "${pair#*=}" "$(keep_tag "$pair" "$SHORT")"
  done
  printf '%s\n' "$VARIABLES" | write "$dir/images.env"
  printf '%s\n' "$IMAGES" | tr ' ' '\n' | write "$dir/images.list"
  enter compose 10 "the compose file of the release is not usable with the environment of this host"
  compose "$dir" config -q
  compose "$dir" config --services | write "$dir/services"
  required_keys "$dir/compose.yml"
}
# With the service: several may share one repository, and a tag names one image only.
keep_tag() {
  local ref=${1#*=}
  printf '%s:threads-keep-%s-%s' "${ref%@*}" "$2" "${1%%=*}"
}

# `x-required-env: [A, B]` in the compose file: names are compared and shown, values never.
required_keys() {
  local key keys missing=''
  keys=$(sed -n 's/^x-required-env: *\[\(.*\)\] *$/\1/p' "$1" | tr -d '",' | tr "'" ' ')
  for key in $keys; do grep -qE "^(export )?$key=." "$ENV_FILE" || missing+=" $key"; done
  [[ -z $missing ]] || fail 10 "keys missing in $ENV_FILE:$missing"
}

migrate() {
  [[ -n $MIGRATE ]] || return 0
  enter migrate 14 "the migration failed; nothing was switched"
  compose "$dir" run --rm --no-deps -T "$MIGRATE"
}

is_absent() { [[ " $ABSENT " == *" $1 "* ]]; }

bring_up() {
  local at=$1 service scale=()
  for service in $(<"$at/services"); do if is_absent "$service"; then scale+=(--scale "$service=0"); fi; done
  compose "$at" up -d --no-build --pull never --remove-orphans "${scale[@]}"
}

# X-Release of a 200 through the published port; bash's own sockets, so that a host needs no curl.
answering() {
  # shellcheck disable=SC2016
  timeout --foreground -k 1 5 bash -c '
    exec 5<>"/dev/tcp/127.0.0.1/$1" || exit 1
    printf "GET %s HTTP/1.1\r\nHost: localhost\r\nUser-Agent: threads\r\nConnection: close\r\n\r\n" "$2" >&5
    IFS= read -r line <&5 || exit 1
    case $line in HTTP/1.?" 200"*) ;; *) printf "status %s" "${line:9:3}"; exit 1 ;; esac
    while IFS= read -r line <&5; do
      line=${line%[[:cntrl:]]}
      [[ -n $line ]] || break
      [[ ${line,,} == x-release:* ]] && { line=${line#*:}; printf "%s" "${line# }"; exit 0; }
    done
    printf "no X-Release"; exit 1' probe "$PORT" "$HEALTH_PATH" 2>/dev/null 9>&-
}

# Prints what is wrong and fails, or prints the containers with their restart counts.
look() {
  local at=$1 service oneoff id reference image state health restarts want rows seen='' _
  local -A found=() count=()
  rows=$(container_rows) || { echo "docker does not tell what runs"; return 1; }
  while IFS='|' read -r service oneoff id _ reference image state _ health restarts _; do
    [[ -n $id && $oneoff != True ]] || continue
    count[$service]=$((${count[$service]:-0} + 1))
    found[$service]="$id|$image|$state|$health|$restarts"
  done <<<"$rows"
  for service in $(<"$at/services"); do
    if is_absent "$service"; then
      ((${count[$service]:-0} == 0)) || { echo "$service runs here and should not"; return 1; }
      continue
    fi
    ((${count[$service]:-0} == 1)) || { echo "$service has ${count[$service]:-0} containers"; return 1; }
    IFS='|' read -r id image state health restarts <<<"${found[$service]}"
    reference=$(sed -n "s/^$service=//p" "$at/images.list")
    if [[ -n $reference ]]; then
      want=$(docker image inspect --format "$(template '<.Id>')" "$reference")
      [[ $image == "$want" ]] || { echo "$service runs another image than $reference"; return 1; }
    fi
    [[ $state == running ]] || { echo "$service is $state"; return 1; }
    [[ $health == healthy || $health == none ]] || { echo "$service is $health"; return 1; }
    seen+="$service:$id:$restarts "
  done
  echo "$seen"
}

# Three looks in a row, PAUSE seconds apart, that agree on the containers and their restarts.
verify() {
  local at=$1 revision=$2 good=0 before='' now='' answer='' until=$((SECONDS + HEALTH_TIMEOUT))
  while :; do
    if now=$(look "$at"); then
      if answer=$(answering) && [[ $answer == "$revision" ]]; then
        if [[ $now == "$before" ]]; then good=$((good + 1)); else good=1; fi
        before=$now
        ((good < 3)) || return 0
      else
        good=0 now="$HEALTH_PATH does not answer as $revision (${answer:-no answer})"
      fi
    else
      good=0
    fi
    # Looks that have begun to agree may finish.
    ((SECONDS < budget && (good > 0 || SECONDS < until))) || break
    sleep "$PAUSE"
  done
  say "$now"
  code=15 message="not healthy within ${HEALTH_TIMEOUT} s: $now"
  return 1
}

# The application as it was before this deployment; nothing where nothing was.
bring_back() {
  local at=$ROOT/releases/$previous revision _
  if [[ -z $previous ]]; then
    say "== nothing ran here before: taking the stack down"
    rm -f "$ROOT/current"
    if [[ -f $dir/compose.yml ]]; then compose "$dir" down --remove-orphans; fi
    return
  fi
  say "== bringing back $previous"
  read -r _ revision _ <"$at/record"
  bring_up "$at"
  verify "$at" "$revision"
  point_at "$previous"
}

point_at() {
  ln -sfn "releases/$1" "$ROOT/current.new"
  mv -fT "$ROOT/current.new" "$ROOT/current"
}

commit() {
  enter record 20 "the deployment could not be recorded"
  printf '%d %s %s %(%FT%TZ)T\n' "$NUMBER" "$REVISION" "$BUNDLE" -1 | write "$dir/record"
  point_at "$SHORT"
  switched=0
  printf '%s\n' "$SHORT" >>"$ROOT/history"
}

# Current and the three before it stay, so that a rollback needs no registry. Never fails a deployment that is done.
prune() {
  local short pair keep=" " kept=0 old
  while read -r short; do
    [[ $keep == *" $short "* ]] && continue
    keep+="$short "
    ((++kept < 4)) || break
  done < <(tac "$ROOT/history")
  for old in "$ROOT"/releases/*/; do
    short=$(basename "$old")
    [[ $keep == *" $short "* ]] && continue
    while read -r pair; do docker image rm "$(keep_tag "$pair" "$short")" || true; done < <(cat "$old/images.list" 2>/dev/null)
    rm -rf "$old"
  done
  find "$ROOT/log" -name '*.log' -mtime +90 -delete || true
}

say "deployment $NUMBER: $ACTION $SHORT"
accept
if [[ $ACTION == restore ]]; then
  enter restore 16 "the previous release could not be brought back"
  preflight
  sweep
  enter restore 16 "the previous release could not be brought back"
  budget=$DEADLINE changed=true
  bring_back
  message="back on ${previous:-nothing}"
  exit 0
fi
preflight
sweep
fetch
migrate
enter switch 15 "the new release did not come up"
switched=1
if [[ $previous != "$SHORT" ]]; then changed=true; fi
bring_up "$dir"
enter verify 15 "the new release is not healthy"
verify "$dir" "$REVISION"
commit
enter prune 20 ''
(prune) || say "pruning failed"
message=''
