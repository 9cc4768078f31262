#!/bin/bash
# shellcheck disable=SC2034,SC2153,SC2154 # one of the parts of a script: what it sets or uses, another one uses or sets
# Who has a port that a release wants: docker says no more than that it is taken.

# `address port` of what compose publishes, from its YAML.
published() {
  awk '$1 == "-" { host = port = "" }
    $1 == "host_ip:" { host = $2 }
    $1 == "published:" { port = $2; gsub(/"/, "", port) }
    $1 == "protocol:" && $2 == "tcp" && port ~ /^[1-9][0-9]*$/ { print (host == "" ? "any" : host) " " port; port = "" }'
}

# Of the release, on this host: what compose publishes of it, and what the edge listens on.
wanted_ports() {
  printf '%s\n' "$1" | published
  ! has_slots "$dir" || addresses "$dir" | sed 's/^\(.*\):\([0-9]*\)$/\1 \2/; s/^ /any /'
}

# The kernel's numbers of the sockets that listen there, or on all addresses.
listening() {
  local address=$1 port=$2 a b c d
  case $address in
  any | 0.0.0.0 | '[::]' | ::) address=any ;;
  *.*.*.*) IFS=. read -r a b c d < <(printf '%s\n' "$address"); printf -v address '%02X%02X%02X%02X' "$d" "$c" "$b" "$a" ;;
  esac
  printf -v port '%04X' "$port"
  awk -v address="$address" -v port="$port" '
    $4 != "0A" { next }
    { split($2, at, ":"); sub(/^0000000000000000FFFF0000/, "", at[1]) }
    at[2] == port && (address == "any" || at[1] ~ /^0+$/ || at[1] == address) { print $10 }' /proc/net/tcp /proc/net/tcp6 2>/dev/null || true
}

is_ours() { [[ " ${all_projects[*]} " == *" $2 "* || ${1#/} == "$APP"-edge-* ]]; }

# Whose it is, as a person knows it; nothing where it is free, or ours.
port_owner() {
  local sockets socket name project process id
  sockets=$(listening "$1" "$2")
  [[ -n $sockets ]] || return 0
  # docker itself listens for a container that publishes a port.
  while IFS='|' read -r name project; do
    [[ -n $name ]] || continue
    is_ours "$name" "$project" || container_text "$name" "$project"
    return 0
  done < <(template '<.Names>|<.Label "com.docker.compose.project">'; timeout --foreground -k 5 20 docker ps --filter "publish=$2/tcp" --format "$REPLY")
  for socket in $sockets; do
    process=$(find /proc/[0-9]*/fd -lname "socket:\[$socket\]" 2>/dev/null | head -n 1) || true
    [[ -n $process ]] || continue
    process=${process#/proc/} process=${process%%/*}
    # One in the host's own network listens by itself. Where this host is a container, its own id stands there, too.
    while read -r id; do
      template '<.Name>|<index .Config.Labels "com.docker.compose.project">'
      name=$(timeout --foreground -k 5 20 docker inspect --type container --format "$REPLY" "$id" 2>/dev/null) || continue
      is_ours "${name%%|*}" "${name#*|}" || container_text "${name%%|*}" "${name#*|}"
      return 0
    done < <(grep -oE '[0-9a-f]{64}' "/proc/$process/cgroup" | sort -u)
    # As its file is called: what a process calls itself may be the name of a thread.
    name=$(readlink "/proc/$process/exe") || name=$(cat "/proc/$process/comm")
    name=${name% (deleted)}
    printf '%s' "${name##*/} (process $process): stop it, or give one of them another port"
    return 0
  done
  printf '%s' "another program: stop it, or give one of them another port"
}

container_text() {
  local name=${1#/} project=$2
  if [[ -n $project ]]; then
    printf '%s' "the container $name of the compose project $project, which threads did not start: docker compose -p $project down"
  else
    printf '%s' "the container $name, which threads did not start: docker rm -f $name"
  fi
}

# $1: the release as compose has it, and what runs once.
free_ports() {
  local address port owner at
  while read -r address port; do
    owner=$(port_owner "$address" "$port")
    at=$port
    [[ $address == any ]] || at=$address:$port
    [[ -z $owner ]] || object "port $at is taken by $owner"
  done < <(wanted_ports "$1" | sort -u)
}
