#!/bin/bash
# shellcheck disable=SC2034,SC2153,SC2154 # one of the parts of a script: what it sets or uses, another one uses or sets
# What must be so before anything is touched, each with its cause and what to do about it. Nothing here stands in the way of
# going back: for what has served on this host and is whole, an objection is a warning.

here=false familiar=false
object() { if $familiar; then warn "$1"; else fail "$NOT_READY" "$1"; fi; }

# Whether a version is not below major.minor; one that is none, as of a build by hand, is believed.
is_at_least() {
  [[ ! $1 =~ ^v?([0-9]+)\.([0-9]+) ]] || ((BASH_REMATCH[1] * 1000 + BASH_REMATCH[2] >= ${2%.*} * 1000 + ${2#*.}))
}

# Compose as `publish` needs it, whose models carry what older ones refuse; the engine with which that one began.
oldest_docker=20.10 oldest_compose=2.24

preflight() {
  local docker compose told
  enter preflight "$NOT_READY" "the host is not ready"
  exec {told}< <(exec 3>&- 4>&- 9>&-; docker compose version --short || echo none)
  template '<.Server.Version>'
  docker=$(timeout --foreground -k 5 20 docker version --format "$REPLY") ||
    fail "$NOT_READY" "the Docker daemon does not answer: systemctl start docker"
  compose=$(cat <&"$told")
  exec {told}<&-
  [[ $compose != none ]] || fail "$NOT_READY" "Docker Compose v2 is not installed (package docker-compose-plugin)"
  [[ $ACTION == deploy ]] || return 0
  if is_here; then
    here=true
    [[ ! -s $dir/record ]] || familiar=true
  fi
  is_at_least "$docker" "$oldest_docker" || object "Docker is $docker here, and $oldest_docker is the oldest that will do"
  is_at_least "$compose" "$oldest_compose" || object "Docker Compose is $compose here, and $oldest_compose is the oldest that will do"
  need_aws
  # What is here needs no room, and nothing of the registry.
  if ! $here; then
    disks
    right_time
    registry_login
    keep_reserve
  fi
}

# With containerd's image store, images are where containerd keeps its own.
disks() {
  local root driver contents=''
  IFS='|' read -r root driver < <(template '<.DockerRootDir>|<.DriverStatus>'; timeout --foreground -k 5 20 docker info --format "$REPLY")
  room "$root" "$MIN_FREE_KB"
  if [[ $driver == *io.containerd.snapshotter* ]]; then
    contents=$(sed -n "s/^root *= *[\"']\(.*\)[\"'] *\$/\1/p" /etc/containerd/config.toml 2>/dev/null) || true
    contents=${contents:-/var/lib/containerd}
    [[ ! -d $contents ]] || room "$contents" "$MIN_FREE_KB"
  fi
  room "$ROOT" "$MIN_ROOT_KB"
}

room() {
  local free
  free_kb "$1"
  [[ -n $REPLY ]] || return 1
  free=$REPLY
  ((free >= $2)) ||
    fail "$NOT_READY" "only $((free / 1024)) MiB of disk are free under $1, $(($2 / 1024)) are needed; docker system df tells what docker has of it"
  # Some file systems do not count them.
  df_free -Pi "$1"
  free=$REPLY
  [[ ! $free =~ ^[0-9]+$ ]] || ((free == 0 || free >= MIN_FILES)) || fail "$NOT_READY" "there is room for only $free more files under $1"
}

# AWS takes no request whose time is more than five minutes off.
right_time() {
  local clock off how=ahead
  # After a reboot the same order comes again, and is as old as it is.
  ((!repeated)) || return 0
  printf -v clock '%(%s)T' -1
  off=$((clock - SENT_AT))
  ((off >= 0)) || how=behind off=$((-off))
  if ((off > 300)); then
    object "the clock of this host is $off s $how of the one that sent the order, and the registry takes no login that is five minutes off: set it (timedatectl set-ntp true)"
  elif ((off > 120)); then
    warn "the clock of this host is $off s $how of the one that sent the order"
  fi
}

login_text() {
  printf '%s' "install amazon-ecr-credential-helper, and write {\"credHelpers\":{\"$1\":\"ecr-login\"}} into $HOME/.docker/config.json"
}

# ECR gives nothing without a login; whether another registry does, only a pull tells.
registry_login() {
  local registry=${BUNDLE%%/*} config helper=''
  [[ $registry == *.dkr?ecr* ]] || return 0
  config=$(cat "$HOME/.docker/config.json" 2>/dev/null) || true
  config=${config//[[:space:]]/}
  if [[ $config == *"\"$registry\":\""* ]]; then
    helper=${config#*"\"$registry\":\""}
    helper=${helper%%\"*}
  elif [[ $config == *"$registry\":{\""* ]]; then
    return 0
  elif [[ $config =~ \"credsStore\":\"([^\"]+)\" ]]; then
    helper=${BASH_REMATCH[1]}
  fi
  [[ -n $helper ]] || object "root's docker has no login for $registry: $(login_text "$registry")"
  [[ -z $helper ]] || type -P "docker-credential-$helper" >/dev/null ||
    object "the login for $registry is that of docker-credential-$helper, which is not installed: $(login_text "$registry")"
}

# What a refusal of the registry is about, for which trying again does nothing; nothing where it may help.
refusal() {
  case $1 in
  *"no basic auth credentials"* | *"authorization token has expired"* | *"error getting credentials"* | *"authentication required"*)
    printf ': %s' "root's docker has no login that ${BUNDLE%%/*} takes: $(login_text "${BUNDLE%%/*}")" ;;
  *denied*) printf ': %s' "the registry refuses it: with ECR, the role of this host needs ecr:BatchGetImage and ecr:GetDownloadUrlForLayer on it" ;;
  esac
}

# Two slots at a time: what is free must hold once more what serves now cannot give away.
# shellcheck disable=SC2031
memory_for_two() {
  local serving used idle free
  has_slots "$dir" || return 0
  serving_slot
  serving=$REPLY
  [[ -n $serving && $serving != "$slot" ]] || return 0
  used=$(memory_of "$APP-$serving") idle=$(memory_of "$APP-$slot")
  free=$(free_memory)
  ((free + idle >= used)) ||
    object "two slots need more memory than there is: what serves uses $((used / 1024)) MiB, and $((free / 1024)) MiB are free; set runtime.strategy: recreate, or take a larger host"
}

# KiB that may still be taken: of the machine, and below the limit that a host has which is a container itself. What lies in
# the memory of files can be given back.
free_memory() {
  local free limit used files room at=/sys/fs/cgroup
  free=$(awk '/^(MemAvailable|SwapFree):/ { free += $2 } END { print free + 0 }' /proc/meminfo)
  if limit=$(cat $at/memory.max 2>/dev/null) && used=$(cat $at/memory.current 2>/dev/null); then
    files=$(awk '/^(in)?active_file / { sum += $2 } END { printf "%.0f", sum }' $at/memory.stat)
  elif limit=$(cat $at/memory/memory.limit_in_bytes 2>/dev/null) && used=$(cat $at/memory/memory.usage_in_bytes 2>/dev/null); then
    files=$(awk '/^total_(in)?active_file / { sum += $2 } END { printf "%.0f", sum }' $at/memory/memory.stat)
  fi
  # One that is none is a word, or far above what there is.
  if [[ $limit =~ ^[0-9]{1,15}$ ]]; then
    room=$(((limit - used + files) / 1024))
    ((room >= free)) || free=$((room > 0 ? room : 0))
  fi
  echo "$free"
}

# Of a process, into REPLY; where the host is a container itself, files show only what lies below its own group.
memory_group() {
  REPLY=$(sed -n 's/^0:://p; s/^[0-9]*:memory:/memory/p' "/proc/$1/cgroup" 2>/dev/null) || true
  REPLY=${REPLY%%$'\n'*}
}

# KiB that the containers of a project have beside files, which memory only keeps as long as there is room.
memory_of() {
  local ids pid group own files=()
  memory_group self
  own=$REPLY
  ids=$(timeout --foreground -k 5 20 docker ps -q --no-trunc --filter "label=com.docker.compose.project=$1" --filter label=com.docker.compose.config-hash)
  template '<.State.Pid>'
  # shellcheck disable=SC2086
  for pid in $([[ -z $ids ]] || timeout --foreground -k 5 20 docker inspect --type container --format "$REPLY" $ids); do
    memory_group "$pid"
    group=$REPLY
    [[ -r /sys/fs/cgroup/$group/memory.stat || $own == */ || $group != "$own"/* ]] || group=${own%%/*}/${group#"$own"/}
    [[ ! -r /sys/fs/cgroup/$group/memory.stat ]] || files+=("/sys/fs/cgroup/$group/memory.stat")
  done
  ((${#files[@]})) || { echo 0; return; }
  awk '$1 == "anon" || $1 == "total_rss" { used += $2 } END { printf "%.0f", used / 1024 }' "${files[@]}"
}

# The edge is talked to in perl.
edge_has_perl() {
  local image
  has_slots "$dir" && ! $familiar || return 0
  image=$(edge_reference "$dir")
  template '<.Image>'
  docker ps --filter "name=^/?$APP-edge-" --format "$REPLY" | grep -qxF "$image" ||
    bounded docker run --rm --label threads.scratch=1 --network none --entrypoint perl "$image" -MIO::Socket::UNIX -e 1 ||
    fail "$NOT_READY" "the image of the edge has no perl, by which it is switched" "$(reason)"
}
