#!/bin/bash
# A `docker` that keeps images and containers as files beside itself and writes down how it was called.
# In bash alone wherever that is possible: a deployment calls it fifty times, and programs are what costs.
set -u
# The host that it plays may lack what it needs itself.
export PATH=/usr/bin:/bin
state=${0%/*}/state

# Whether a file has that line; a file that is not there has none.
has() {
  local line
  [[ -f $1 ]] || return 1
  while IFS= read -r line; do [[ $line != "$2" ]] || return 0; done <"$1"
  return 1
}

# What stands behind `key=` in a file.
value_of() {
  local line
  value=''
  [[ -f $1 ]] || return 0
  while IFS= read -r line; do [[ $line != "$2="* ]] || value=${line#*=}; done <"$1"
}

# Names of services in a compose file of a test's: what is indented is about them.
without_comments() {
  local line
  while IFS= read -r line; do [[ $line == ['# ']* ]] || printf '%s\n' "$line"; done <"$1"
}

# The row of a container as it is now: `odd` holds lines `service field value` that depart from what `up` has made.
show() {
  local service oneoff id name ref image status exit_code health restarts at which field value odd
  IFS='|' read -r service oneoff id name ref image status exit_code health restarts at <"$state/containers/$1"
  oddities "$1"
  while read -r which field value; do
    # Nothing can be odd about what has never been started.
    [[ $which == "$service" && $status != created ]] || continue
    case $field in
    image) image=$value ;;
    state) status=$value ;;
    exit) exit_code=$value ;;
    restarts) restarts=$value at=$(date +%FT%T.%NZ) ;;
    health) health=$value ;;
    started) at=$(date -d "$value" +%FT%T.%NZ) ;;
    esac
  done <"$odd"
  printf '%s\n' "$service|$oneoff|$id|$name|$ref|$image|$status|$exit_code|$health|$restarts|$at"
}
# Only as long as the release is up that it was written for, in the slot of the container.
oddities() {
  local release='' file=release
  case $1 in blue-* | green-*) file=release-${1%%-*} ;; esac
  [[ ! -f $state/$file ]] || IFS= read -r release <"$state/$file"
  odd=$state/odd-$release
  [[ -f $odd ]] || odd=/dev/null
}

# How compose shows the values of an environment file; where all of its rules count, compose itself is asked (`real`).
show_environment() {
  local line file name value
  # It may have been well when it was read first.
  if [[ -f $state/bad-environment ]] && ! rm "$state/was-well" 2>/dev/null; then cat "$state/bad-environment" >&2; exit 1; fi
  file=$(cat) file=${file#*'"env_file":["'} file=${file%'"]'*}
  [[ -r $file ]] || { echo "env file $file not found" >&2; exit 14; }
  printf '{\n  "services": {\n    "values": {\n      "environment": {\n'
  while IFS= read -r line; do
    value=${line#*=}
    if [[ $value != \'* && $value =~ \$([A-Za-z]+) ]]; then
      name=${BASH_REMATCH[1]}
      [[ -n ${!name+set} ]] || printf 'time="2026-11-22T10:00:00Z" level=warning msg="The \\"%s\\" variable is not set. Defaulting to a blank string."\n' "$name" >&2
      value=${value/"\$$name"/"${!name-}"}
    fi
    printf '        "%s": "%s",\n' "${line%%=*}" "${value//\'/}"
  done <"$file"
  printf '      }\n    }\n  }\n}\n'
}
# A container is told to end; what is deaf to TERM is killed in the end.
end() {
  local service code=0
  IFS='|' read -r service _ <"$state/containers/$1"
  ! has "$state/deaf" "$service" || code=137
  sed -i "s/|running|0|/|exited|$code|/" "$state/containers/$1"
}
printf '%s\n' "$*" >>"$state/calls"
# Whoever calls it by itself waits for ever where docker hangs.
read -r by <"/proc/$PPID/comm"
[[ $by == timeout ]] || printf '%s\n' "$*" >>"$state/unbounded"
for name in COMPOSE_FILE DOCKER_HOST WEB_IMAGE; do
  # compose alone is asked for more than the prefixes that every script takes out of its environment.
  [[ -z ${!name:-} || $name == WEB_IMAGE && "$1 ${2:-}" != "compose -p" ]] || echo "$name=${!name}" >>"$state/leaked"
done
if [[ $* == *config\ --format\ json* ]]; then
  [[ ! -f $state/real ]] || exec "$(<"$state/real")" "$@"
  show_environment
  exit
fi
[[ -e $state/down && $* != "compose version" ]] && { echo "Cannot connect to the Docker daemon" >&2; exit 1; }
last=${!#}
# Power fails at the n-th call that changes something: before it, or just after. To drain only looks, beside other calls.
if [[ -f $state/power-fails && " $* " != *" drain "* && " $* " =~ \ (up|stop|start|down|run|exec|connect|disconnect|tag|rm|create)\  ]]; then
  # Several may be made at once, and one of them has met it.
  moment=''
  exec 8>>"$state/calls" && flock 8
  read -r calls moment 2>/dev/null <"$state/power-fails" || [[ -n $moment ]] || kill -KILL 0
  if ((calls > 1)); then
    echo "$((calls - 1)) $moment" >"$state/power-fails"
    flock -u 8
  else
    rm "$state/power-fails"
    [[ $moment != before ]] || kill -KILL 0
    trap 'kill -KILL 0' EXIT
  fi
fi
case "$1 ${2:-}" in
# Without a format it tells more, of which none is the version alone.
"version "*)
  [[ $* == *--format* ]] || printf 'Client:\n Version: '
  cat "$state/docker-version" 2>/dev/null || echo 26.1.5
  ;;
# The news of a container: a line `service field value` that holds from then on. Without any, the stream goes on in silence.
"events "*)
  [[ -f $state/news ]] || exec sleep 60
  cat "$state/news" >>"$state/odd-$(<"$state/release")"
  rm "$state/news"
  echo die
  ;;
"info "*) [[ $* == *--format* ]] || echo Client:; echo "${0%/*}|$(cat "$state/driver" 2>/dev/null)" ;;
"image inspect")
  asked=$4
  shift 4
  if [[ $asked == *RepoDigests* ]]; then
    for id; do echo "${id#id-} "; done
    exit 0
  fi
  missing=0
  # A tag that keeps an image has what was given to it.
  for ref; do
    if [[ $ref == *:threads-keep-* ]]; then
      [[ -f $state/tags ]] && value_of "$state/tags" "$ref" && [[ -n $value ]] && echo "id-$value" || missing=1
    else
      if has "$state/images" "$ref"; then echo "id-$ref"; else missing=1 && echo "Error response from daemon: No such image: $ref" >&2; fi
    fi
  done
  exit "$missing"
  ;;
"tag "*) echo "$3=$2" >>"$state/tags" ;;
"image rm")
  echo "Untagged: $last"
  while [[ -e $state/hang-rm && $last == *threads-keep* ]]; do sleep 0.05; done
  ;;
"run --rm")
  # shellcheck disable=SC2016 # docker's own words
  [[ ! -e $state/no-perl ]] || { echo 'exec: "perl": executable file not found in $PATH' >&2; exit 127; }
  ;;
"run "*)
  name=$4
  [[ ! -e $state/fail-edge ]] || { echo "port is already allocated" >&2; exit 125; }
  mkdir -p "$state/edges"
  : >"$state/edges/${name#app-edge-}"
  [[ ! $* =~ --entrypoint\ sh\ ([^ ]+) ]] || echo "${BASH_REMATCH[1]}" >"$state/edge-image"
  rm -f "$state"/weight-*
  # As edge.sh has it: the one place that says which slot serves.
  basename "$(readlink "$state/../../threads/current" 2>/dev/null || echo none)" >"$state/serves"
  echo 63fef0b1ecec
  ;;
"exec app-edge-"*)
  [[ -f $state/edges/${2#app-edge-} && ! (-e $state/fail-steer && $* == *"set weight"*) ]] || exit 1
  # What it does not answer, by the verb: nothing of the edge that is named.
  for word in "$@"; do ! has "$state/mute" "$word" || exit 1; done
  for word in "$@"; do
    case $word in
    "set weight slots_"*)
      slot=${word#*/}
      echo "${slot#* }" >"$state/weight-${slot% *}"
      # Who is asked by chance is asked of the one that most go to.
      ((${slot#* } < 50)) || echo "${slot% *}" >"$state/serves"
      ;;
    waits) echo '120 30 45' ;;
    tally) echo '300 2 40 0' ;;
    weight) cat "$state/weight-$last" ;;
    own) echo '200,1' ;;
    slots | served) printf '{"asked":"%s"}' "${*:6}" ;;
    drain) cat "$state/under-way" 2>/dev/null || echo 0 ;;
    count)
      # Fifty requests have come since it was asked last.
      echo x >>"$state/edges/${2#app-edge-}"
      echo "$(($(wc -l <"$state/edges/${2#app-edge-}") * 50)) 0"
      ;;
    esac
  done
  ;;
"rm "*)
  echo "$last"
  [[ $2 == -f ]] || exit 0
  case $last in
  app-edge-*) rm -f "$state/edges/${last#app-edge-}" ;;
  *) ! has "$state/scratch" "$last" || { echo "Error response from daemon: removal is already in progress" >&2; exit 1; } ;;
  esac
  ;;
"pull "*)
  if has "$state/fail-pull" "${last%@*}"; then { cat "$state/pull-says" 2>/dev/null || echo "no basic auth credentials"; } >&2; exit 1; fi
  echo "$last" >>"$state/images"
  echo "$last"
  ;;
"create "*) echo scratch ;;
# Which containers are connected to a network of another project than their own: lines `network container`.
"network connect")
  network=${*: -2:1}
  ! has "$state/networks" "$network $last" || { echo "Error response from daemon: endpoint with name $last already exists in network $network" >&2; exit 1; }
  echo "$network $last" >>"$state/networks"
  ;;
"network disconnect") sed -i "/^${*: -2:1} $last\$/d" "$state/networks" ;;
"network inspect") [[ ! -f $state/networks ]] || sed -n "s/^$last //p" "$state/networks" ;;
"network ls") [[ ! -f $state/networks || ! $* =~ compose\.project=([a-z-]+) ]] || sed -n "s/^\(${BASH_REMATCH[1]}_[^ ]*\) .*/\1/p" "$state/networks" | uniq ;;
"exec "*)
  [[ $2 == -e ]] || exit 125
  export "${3?}"
  [[ -f $state/containers/$4 ]] || { echo "Error response from daemon: No such container: $4" >&2; exit 125; }
  shift 4
  # As from a container: it is in no group of ours, and its output comes through the client, which may go before it.
  rm -f "$state/exec-out" "$state/exec-err"
  mkfifo "$state/exec-out" "$state/exec-err"
  cat "$state/exec-out" &
  cats=("$!")
  cat "$state/exec-err" >&2 &
  cats+=("$!")
  trap 'kill "${cats[@]}"; exit 143' TERM
  setsid "$@" </dev/null >"$state/exec-out" 2>"$state/exec-err" &
  wait $!
  code=$?
  wait "${cats[@]}"
  exit $code
  ;;
"cp "*) cp -r "$state/bundle/${2#*:/}" "$last" ;;
"ps "*)
  # The tests' own server has the ports: it plays the application, unless somebody else is named.
  if [[ $* == *publish=* ]]; then cat "$state/port-owner" 2>/dev/null || echo "app-nginx-1|app"; exit 0; fi
  if [[ $* == *edge-* ]]; then
    # shellcheck disable=SC1083 # a template
    [[ $* != *{{.Image}}* ]] || { cat "$state/edge-image" 2>/dev/null; exit 0; }
    for edge in "$state"/edges/*; do [[ ! -f $edge ]] || echo "app-edge-${edge##*/}"; done
    exit 0
  fi
  if [[ $* == *threads.scratch* ]]; then cat "$state/scratch" 2>/dev/null; exit 0; fi
  # What an earlier run may have left, and what runs.
  if [[ $* == *'Label "threads.deployment"'* ]]; then
    for left in 'oneoff True running 1' 'shell True running' 'created False created'; do
      read -r file oneoff status number <<<"$left"
      [[ ! -f $state/$file ]] || while IFS= read -r id; do
        case $id in blue-* | green-* | base-*) project=app-${id%%-*} ;; other-*) project=other ;; *) project=app ;; esac
        [[ -z $id ]] || echo "$id|$project|$oneoff|$status|$id|$number"
      done <"$state/$file"
    done
    for container in "$state"/containers/*; do [[ ! -f $container ]] || echo "${container##*/}|app|False|running|${container##*/}|"; done
    exit 0
  fi
  # With the project that each belongs to. An image hands its labels for project and service on to what is run from it by hand.
  if [[ $* != *com.docker.compose.config-hash* && -f $state/by-hand ]]; then
    if [[ $* == *'Label "com.docker.compose.service"'* ]]; then echo by-hand web running False; else echo by-hand app; fi
  fi
  {
    if [[ $* == *oneoff=True* ]]; then
      cat "$state/oneoff" "$state/shell"
    else
      for container in "$state"/containers/*; do [[ ! -f $container ]] || echo "${container##*/}"; done
    fi
  } 2>/dev/null | while IFS= read -r id; do
    case $id in blue-* | green-* | base-*) project=app-${id%%-*} ;; other-*) project=other ;; *) project=app ;; esac
    [[ $* != *compose.project=* || " $* " == *"compose.project=$project "* ]] || continue
    [[ $* != *" id="* || " $* " == *" id=$id "* ]] || continue
    # shellcheck disable=SC1083 # a template
    if [[ $* == *'Label "com.docker.compose.service"'* ]]; then IFS='|' read -r service oneoff _ _ _ _ status _ < <(show "$id") && echo "$id $service $status $oneoff"
    elif [[ $* == *{{.State}}* ]]; then IFS='|' read -r _ _ _ _ _ _ status _ < <(show "$id") && echo "$id $status"
    elif [[ $* == *--format* ]]; then echo "$id $project"
    else echo "$id"; fi
  done
  ;;
"start "*)
  [[ -f $state/containers/$last ]] || { echo "Error response from daemon: No such container: $last" >&2; exit 1; }
  # What an up would have met.
  [[ ! -e $state/fail-start ]] || { echo "Error response from daemon: driver failed" >&2; exit 1; }
  sed -i -E 's/[|](exited|created)[|][0-9]+[|]/|running|0|/' "$state/containers/$last"
  echo "$last"
  ;;
"stop "*)
  shift
  for id; do end "$id"; done
  ;;
"inspect "*)
  [[ ! -e $state/fail-inspect ]] || exit 1
  # A process of the test's plays the PID 1 of every container.
  if [[ $* == *'{{.Id}} {{.State.Pid}}'* ]]; then
    for id in "$@"; do
      [[ ! -f $state/containers/$id ]] || echo "$id $(cat "$state/process" 2>/dev/null || echo 0) SIGTERM"
    done
    exit 0
  fi
  if [[ $* == *'{{.State.OOMKilled}}'* ]]; then
    echo "$last|$(cat "$state/oom" 2>/dev/null || echo false)|$(date -d "$(cat "$state/ended" 2>/dev/null || echo '10 seconds')" +%FT%T.%NZ)|<nil>|SIGTERM|$(cat "$state/pid-one" 2>/dev/null || echo /usr/bin/celery)"
    exit 0
  fi
  # Processes of slots, whose memory the tests make up.
  if [[ $* == *'{{.State.Pid}}'* ]]; then
    for id in "$@"; do case $id in blue-*) echo 4242 ;; green-*) echo 4343 ;; esac; done
    exit 0
  fi
  if [[ $* == *'{{.Name}}|{{.State.Status}}'* ]]; then
    IFS='|' read -r _ _ _ name _ _ status exit_code _ < <(show "$last")
    printf '%s|%s|%s|%s\n' "$name" "$status" "$exit_code" "$(cat "$state/health" 2>/dev/null)"
    exit 0
  fi
  if [[ $* == *'{{.Name}}|{{index'* ]]; then cat "$state/network-host"; exit 0; fi
  if [[ $* == *'{{.Name}}' ]] || [[ $* == *'{{.Name}} '* ]]; then echo "/$last"; exit 0; fi
  for id in "$@"; do
    [[ ! -f $state/containers/$id ]] || show "$id"
    [[ $id != by-hand ]] || cat "$state/by-hand"
  done
  ;;
# A round of `stats` a call; what is behind the last one is nothing.
"stats "*)
  round=$(($(cat "$state/stats-round" 2>/dev/null || echo 0) + 1))
  echo "$round" >"$state/stats-round"
  [[ -f $state/stats-$round ]] || exit 1
  cat "$state/stats-$round"
  ;;
"logs --timestamps"*)
  [[ ! -e $state/unreadable ]] || { echo "Error response from daemon: configured logging driver does not support reading" >&2; exit 1; }
  [[ ! -e $state/slow-logs || $* == *--tail* ]] || { cat "$state/said-$last"; exec sleep 60; }
  since='' tail=+1
  while (($# > 1)); do
    case $1 in --since) since=$2 ;; --tail) tail=$2 ;; esac
    shift
  done
  [[ ! $since =~ ^([0-9]+)s$ ]] || since=$(TZ=UTC date -d "-${BASH_REMATCH[1]} seconds" +%FT%T.%NZ)
  tail -n "$tail" "$state/said-$last" 2>/dev/null | LC_ALL=C awk -v since="$since" '$1 >= since { begun = 1 } begun'
  ;;
"logs app-edge-"*) cat "$state/log-of-edge" >&2 ;;
"logs "*)
  IFS='|' read -r service _ <"$state/containers/$last" || true
  cat "$state/log-of-$service" 2>/dev/null || cat "$state/log-$(<"$state/release")" 2>/dev/null
  ;;
"compose version")
  [[ ! -e $state/no-compose ]] || { echo "docker: 'compose' is not a docker command." >&2; exit 1; }
  [[ $* == *--short* ]] || printf 'Docker Compose version v'
  cat "$state/compose-version" 2>/dev/null || echo 2.26.1-4
  ;;
"compose "*)
  at='' project='' file=''
  while [[ $1 != config && $1 != up && $1 != run && $1 != down && $1 != logs && $1 != stop && $1 != start ]]; do
    case $1 in --project-directory) at=$2 ;; -p) project=$2 ;; -f) file=$2 ;; esac
    shift
  done
  # What ids of its containers begin with, and the file that says what is up in it.
  case $project in app-*) own=${project#app-}- up=$state/release-${project#app-} ;; *) own=c up=$state/release ;; esac
  case "$1 ${2:-}" in
  "config -q") ;;
  "config ")
    case $file in
    */fronts.yml) printf '    command:\n' && while read -r address || [[ -n $address ]]; do
      # As YAML wants it: what is a number to it is quoted.
      if [[ $address == *:* ]]; then printf '      - %s\n' "$address"; else printf '      - "%s"\n' "$address"; fi
    done <"$state/port" ;;
    */base.yml) echo services: && while read -r service; do printf '  %s:\n    image: x\n' "$service"; done < <(without_comments "$file") ;;
    *)
      [[ ! -e $state/fail-services ]] || exit 1
      value_of "$at/images.env" HTTP_PORT
      printf 'name: app\nservices:\n'
      while read -r service; do
        [[ ! $service =~ ^[a-z-]+$ ]] || printf '  %s:\n    image: x\n' "$service"
      done < <(without_comments "$file")
      printf '    ports:\n      - mode: ingress\n'
      [[ -z ${THREADS_FRONT_1:-} ]] || printf '        host_ip: 127.0.0.1\n'
      printf '        target: 8080\n        published: "%s"\n        protocol: tcp\n' "${THREADS_FRONT_1:-$value}"
      [[ ! -f $state/udp-port ]] || printf '      - mode: ingress\n        target: 53\n        published: "%s"\n        protocol: udp\n' "$(<"$state/udp-port")"
      ;;
    esac
    ;;
  "stop "*)
    for container in "$state/containers/$own"*; do
      [[ -f $container ]] || continue
      IFS='|' read -r service _ <"$container"
      [[ $# != 1 && " $* " != *" $service "* ]] || end "${container##*/}"
    done
    ;;
  "start "*)
    for container in "$state/containers/$own"*; do
      IFS='|' read -r service _ <"$container"
      [[ " $* " != *" $service "* ]] || sed -i -E 's/[|](exited|created)[|][0-9]+[|]/|running|0|/' "$container"
    done
    ;;
  "run "*)
    [[ ! -e $state/hang-migrate ]] || exec sleep 60
    [[ ! -e $state/fail-migrate ]] || { echo "lock timeout" >&2; cat "$state/fail-migrate" >&2; exit 137; }
    ;;
  "down "*)
    compgen -G "$state/containers/$own*" >/dev/null || echo "Warning: No resource found to remove for project \"$project\"." >&2
    [[ -e $state/fail-down ]] || rm -f "$state/containers/$own"*
    [[ -e $state/fail-down || $own == c ]] || rm -f "$up"
    [[ ! -e $state/complain-down ]] || exit 1
    ;;
  "logs "*) echo "web | the password is hunter22" ;;
  "up "*)
    [[ -e $state/hang-up ]] && sleep 60
    printf '%s' "${ENV_FILE-}" >"$state/env-file"
    value_of "$at/images.env" REVISION
    revision=$value
    if [[ ! -e $state/keep-containers ]]; then rm -f "$state/containers/$own"*; fi
    n=0 status=running
    [[ $2 != --no-start ]] || status=created
    while read -r service; do
      [[ " $* " == *" $service=0 "* && ! -e $state/no-scale ]] && continue
      # As many as the model says, which is none.
      ! has "$state/none-of" "$service" || continue
      value_of "$at/images.list" "$service"
      ref=$value
      health=healthy
      has "$state/unhealthy" "$service $revision" && health=unhealthy
      n=$((n + 1))
      printf '%s\n' "$service|False|$own$n|/$project-$service-1|$ref|id-$ref|$status|0|$health|0|2026-11-22T10:00:00Z" >"$state/containers/$own$n"
    done < <(without_comments "$file")
    printf '%s' "$revision" >"$up"
    if has "$state/fail-up" "$revision"; then
      printf ' Container app-web-1  Started\nError response from daemon: driver failed\n Container app-web-1  Removing\n' >&2
      exit 1
    fi
    ;;
  esac
  ;;
esac
exit 0
