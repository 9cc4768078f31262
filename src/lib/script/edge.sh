#!/bin/bash
# shellcheck disable=SC2034,SC2153,SC2154 # one of the parts of a script: what it sets or uses, another one uses or sets
# The edge: one HAProxy in front of both slots, which a release never touches. Which slot serves stands in `current` alone:
# it reads that when it starts, and is told through its socket when that changes.

# The port of a slot for front number $2, on loopback; into REPLY.
front_port() {
  REPLY=$((FRONTS_FROM + 2 * $2))
  [[ $1 == blue ]] || REPLY=$((REPLY + 1))
}

# What the application's ports are bound to, with the variables of this host, a line each in the order of the fronts.
declare -A known_addresses=()
know_addresses() { known_addresses["$1"]=$(cat) && [[ ${known_addresses["$1"]} != *failed ]]; }
addresses() {
  if [[ -n ${known_addresses[$1]:-} ]]; then printf '%s\n' "${known_addresses[$1]}"; return; fi
  compose_file "$APP-fronts" "$1" fronts.yml config | sed -n 's/^ *- "\{0,1\}\([][0-9a-f.:]*\)"\{0,1\}$/\1/p' | sed 's/^[0-9]*$/:&/'
}

edge_reference() { sed -n 's/^threads-edge=//p' "$1/images.list"; }

slot_servers() {
  local name
  for name in blue green; do
    front_port "$name" "$1"
    printf '%s\n' "server $name 127.0.0.1:$REPLY weight \"\${${name^^}}\""
  done
}

# What has a hash in its name is of one release: a page that was loaded just before a switch wants those of the other slot.
# The one with the greater part of the requests is asked first; what it does not have, the other one is asked for, as long as
# that has a weight here.
asset='[.-][0-9a-z_-]{8,}[.](css|m?js|map|png|jpe?g|gif|svg|webp|avif|ico|woff2?|ttf|otf)$'
asset_backend() {
  local name
  printf '%s\n' "backend assets_$1 from http" 'retries 2' 'option redispatch 1' 'retry-on conn-failure empty-response 404'
  for name in blue green; do echo "use-server $name if { srv_uweight(slots_$1/$name) ge 50 }"; done
  slot_servers "$1"
}

edge_config() {
  local at=$1 number address protocol strategy _
  know_strategy "$at"
  cat <<'END'
global
  stats socket "${SOCKET}" mode 600 level admin expose-fd listeners
  hard-stop-after 10m
ring answers
  format raw
  maxlen 64
  size 2097152
defaults tcp
  mode tcp
  timeout connect 5s
  timeout client 15m
  timeout server 15m
  balance roundrobin
  retries 3
  option redispatch
defaults http from tcp
  mode http
  timeout client 75s
  timeout tunnel 1h
  timeout http-request 30s
  log ring@answers format raw local0
  log-format "%[date(0,ms)] %ST %Ta %Td %b/%s"
  option forwardfor
  option idle-close-on-response
  http-reuse safe
  retry-on conn-failure empty-response
END
  while read -r number _ _ protocol && read -r address <&5; do
    printf '%s\n' "frontend front_$number from ${protocol:=http}" "bind $address"
    # What asks from this host itself is our own look at it.
    [[ $strategy != *' proxy' ]] || echo 'tcp-request connection expect-proxy layer4 unless { src 127.0.0.0/8 ::1 }'
    [[ $protocol == tcp ]] || printf '%s\n' "use_backend assets_$number if { method GET HEAD } { path_reg -i $asset }"
    printf '%s\n' "default_backend slots_$number" "backend slots_$number from $protocol"
    [[ $protocol == tcp ]] || echo 'http-request disable-l7-retry unless METH_GET || METH_HEAD || METH_OPTIONS'
    slot_servers "$number"
    [[ $protocol == tcp ]] || asset_backend "$number"
  done <"$at/fronts" 5< <(addresses "$at")
}

# What the edge's container runs: it takes the listening sockets over from the one before it, if that is still there. As one
# process, which ends where it is not given them within a second, and is started again: with a master (-W) HAProxy would
# listen on sockets of its own beside the old ones, and those who wait at these would be cut off with them.
# shellcheck disable=SC2016
edge_start='
BLUE=0 GREEN=0
case $(readlink /threads/current) in slots/blue) BLUE=100 ;; slots/green) GREEN=100 ;; esac
export BLUE GREEN SOCKET=/threads/edge/run/$1.sock
rm -f "$SOCKET"
set -- "/threads/edge/run/$2.sock" "/threads/edge/$1.cfg"
if perl -MIO::Socket::UNIX -e "exit !IO::Socket::UNIX->new(Peer => shift)" "$1"; then exec haproxy -db -f "$2" -x "$1"; fi
exec haproxy -db -f "$2"'

# The edge that this release wants is up; another one hands its sockets over and is gone once its requests have ended.
edge_up() {
  local at=$1 config image old try
  config=$(edge_config "$at") || return 1
  image=$(edge_reference "$at")
  edge=$(printf '%s\n%s\n' "$config" "$image" | sha256sum) edge=${edge:0:12}
  # No answer is not no edge: the one that serves would be removed for it.
  old=$(edges | head -n 1) || { wrong="docker does not tell whether the edge is up"; return 1; }
  [[ $old != "$edge" ]] || return 0
  mkdir -p "$ROOT/edge/run"
  note "$ROOT/edge/$edge.cfg" "$config"
  docker rm -f "$APP-edge-$edge" >/dev/null 2>&1 || true
  if ! docker run -d --name "$APP-edge-$edge" --network host --restart unless-stopped --user 0:0 \
    -v "$ROOT:/threads:ro" -v "$ROOT/edge/run:/threads/edge/run" --entrypoint sh "$image" -c "$edge_start" edge "$edge" "${old:-none}" >/dev/null; then
    wrong="the edge did not come up: $(reason)"
    # Docker may start it all the same where only its client was ended.
    docker rm -f "$APP-edge-$edge" >/dev/null 2>&1 || true
    return 1
  fi
  for try in {1..50}; do
    if edge_asks "$edge" count >/dev/null 2>&1; then try=0; break; fi
    sleep 0.2
  done
  if ((try)); then
    # HAProxy's own word is its alert: which address it could not have.
    docker logs "$APP-edge-$edge" 2>&1 | grep -F ALERT | head -n 1 || true
    wrong="the edge did not come up: $(reason)"
    docker rm -f "$APP-edge-$edge" >/dev/null || true
    return 1
  fi
  [[ -z $old ]] || edge_retire "$old"
}

# It has given its sockets away: what it still does, it may end.
edge_retire() {
  count_on "$1"
  docker update --restart no "$APP-edge-$1"
  docker kill -s USR1 "$APP-edge-$1" || true
  bounded timeout --foreground "$DRAIN" docker wait "$APP-edge-$1" >/dev/null || warn "the old edge was cut off after $DRAIN s"
  docker rm -f "$APP-edge-$1" >/dev/null || true
  rm -f "$ROOT/edge/$1.cfg" "$ROOT/edge/run/$1.sock"
}

edge_down() {
  local name names
  names=$(docker ps -aq --filter "name=^/?$APP-edge-") || return 1
  for name in $names; do docker rm -f "$name" >/dev/null || return 1; done
  rm -rf "$ROOT/edge"
}

# What the edges have counted since a deployment began: requests and failures, less those of before it.
counted='' counted_by='' counted_from='' steered_at=''
start_counting() {
  milliseconds
  counted_from=$REPLY
  counted_by=$edge
  [[ -n $counted_by ]] || counted_by=$(edges | head -n 1)
  [[ -n $counted_by ]] || return 0
  # Known from here on also to what is asked in a shell of its own.
  has_perl || true
  counted=$(edge_asks "$counted_by" count) || counted=''
}
# One that goes hands its figures on to its successor, which begins at nothing.
count_on() {
  local now
  [[ -n $counted && $counted_by == "$1" ]] || return 0
  if now=$(edge_asks "$1" count); then
    counted="$((${counted% *} - ${now% *})) $((${counted#* } - ${now#* }))" counted_by=$edge
  else
    counted=''
  fi
}
traffic_json() {
  local now gap=null before=null after=null
  if [[ -z $counted ]] || ! now=$(edge_asks "$counted_by" count 2>/dev/null); then printf null; return; fi
  milliseconds
  read -r gap before after < <(edge_asks "$counted_by" waits "$counted_from" "${steered_at:-$REPLY}" 2>/dev/null) || true
  printf '{"requests":%d,"failed":%d,"longestGapMs":%s,"p99BeforeMs":%s,"p99AfterMs":%s}' \
    "$((${now% *} - ${counted% *}))" "$((${now#* } - ${counted#* }))" "${gap:-null}" "${before:-null}" "${after:-null}"
}

# What a slot has still under way is cut off.
cut_off() {
  local number commands=() _
  while read -r number _; do commands+=("shutdown sessions server slots_$number/$2"); done <"$1/fronts"
  edge_asks "$edge" say "${commands[@]}"
}

# All requests go to one slot, or so many of a hundred; those that the other one has under way may end there, and pages that it
# gave get their assets.
steer() {
  local number protocol share=${3:-100} commands=() other _
  other_slot "$2"
  other=$REPLY
  while read -r number _ _ protocol; do
    commands+=("set weight slots_$number/$2 $share" "set weight slots_$number/$other $((100 - share))")
    [[ $protocol == tcp ]] || commands+=("set weight assets_$number/$2 100" "set weight assets_$number/$other 100")
  done <"$1/fronts"
  edge_asks "$edge" say "${commands[@]}" || return 1
  ((share < 100)) || { milliseconds && steered_at=$REPLY; }
}

# A slot that is about to stop is asked for nothing any more.
turn_away() {
  local number protocol commands=()
  while read -r number _ _ protocol; do [[ $protocol == tcp ]] || commands+=("set weight assets_$number/$2 0"); done <"$1/fronts"
  ((!${#commands[@]})) || edge_asks "$edge" say "${commands[@]}"
}
