#!/bin/bash
# shellcheck disable=SC2034,SC2153,SC2154 # one of the parts of a script: what it sets or uses, another one uses or sets
# Samples for DURATION seconds what docker says that the application's containers take, and sums it up on the host. MOST samples
# at most: a clock that is set back keeps nobody here.
samples=0 missed=0 services=''

# END MESSAGE
tell() {
  json_text "$2"
  hand_on "{\"threads\":1,\"action\":\"$ACTION\",\"nonce\":\"$NONCE\",\"end\":\"$1\",\"message\":$REPLY,\"samples\":$samples,\"missed\":$missed,\"services\":[$services]}"
  exit 0
}
[[ -z $missing ]] || tell lacking "$missing"

# A release that is deployed meanwhile brings containers of its own: docker is asked for their names when they are first seen.
projects=("$APP" "$APP-blue" "$APP-green" "$APP-base")
declare -A service_of=() named=()
learn() {
  local rows service id _
  rows=$(container_rows) || return 1
  while IFS='|' read -r service _ id _; do [[ -z $id ]] || service_of[$id]=$service; done < <(printf '%s\n' "$rows")
}

template '<.ID> <.CPUPerc> <.MemUsage>'
stats_row=$REPLY
taken=''
# What docker shows of a container that ends just then is nothing, and no zero. Where it shows that of all, it has not told.
sample() {
  local rows id percent size service seen=0 told=0 _
  rows=$(timeout --foreground -k 1 15 docker stats --no-stream --no-trunc --format "$stats_row" </dev/null 2>/dev/null) || return 1
  while read -r id percent size _; do
    [[ -n $id ]] || continue
    [[ -n ${service_of[$id]+known} ]] || { learn || return 1; }
    : "${service_of[$id]:=}"
    service=${service_of[$id]}
    [[ -n $service ]] || continue
    seen=1
    [[ $percent =~ ^[0-9.]+%$ && $size =~ ^[0-9.]*[1-9][0-9.]*[kKMGT]?i?B$ ]] || continue
    told=1 named[$service]=1
    taken+="$samples $SECONDS $service ${percent%\%} $size"$'\n'
  done < <(printf '%s\n' "$rows")
  ((told || !seen))
}

SECONDS=0
while :; do
  samples=$((samples + 1))
  sample || missed=$((missed + 1))
  ((samples < MOST && SECONDS < DURATION)) || break
  sleep "$PAUSE"
  ((SECONDS < DURATION)) || break
done
((missed < samples)) || tell no-docker "docker does not tell what containers take"
# As many points as there is room for beside those of the others.
points=$((1200 / (${#named[@]} + 1)))
((points <= 60)) || points=60
((points >= 4)) || points=4
services=$(printf '%s' "$taken" | awk -v wide=$(((DURATION + points) / points)) "$STATS_AWK")
tell sampled ''
