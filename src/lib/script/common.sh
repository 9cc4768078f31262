#!/bin/bash
# shellcheck disable=SC2034,SC2153,SC2154 # one of the parts of a script: what it sets or uses, another one uses or sets
# What a host tells of itself in JSON: its containers, and the release that is on record.

# Go templates with < > for the double braces: SSM gives those a meaning in what it transports.
template() {
  local text=$1 open='{' close='}'
  text=${text//</$open$open}
  printf '%s' "${text//>/$close$close}"
}

# A JSON string of printable ASCII; long texts are cut.
json_text() {
  local text=${1//[^[:print:]]/ }
  text=${text:0:600}
  text=${text//\\/\\\\}
  printf '"%s"' "${text//\"/\\\"}"
}

# Prints the line of a host. SSM's lists show 2,500 characters of each (API reference, CommandPlugin): what is longer goes
# packed, so that of a thousand hosts nobody has to be asked for its own.
hand_on() {
  local line=$1 packed
  if ((${#line} > 2400)) && packed=$(printf '%s' "$line" | gzip -9n | base64 -w 0) && ((${#packed} < ${#line})); then
    line="{\"threads\":1,\"packed\":\"$packed\"}"
  fi
  printf '%s\n' "$line"
}

# Images that compose has built carry its labels for project and service, and hand them on to whatever is run from them;
# the hash of its configuration stands on what compose itself has made and nowhere else.
# Of the compose projects in `projects`: a release in a slot runs in two of them, and what is left of a single one is seen.
projects=("$APP")
look_where_it_serves() {
  local target
  target=$(readlink "$ROOT/current" 2>/dev/null) || return 0
  projects=("$APP")
  [[ $target != slots/* ]] || projects+=("$APP-${target#slots/}" "$APP-base")
}
# shellcheck disable=SC2120
project_containers() {
  local rows id project
  rows=$(timeout --foreground -k 5 20 docker ps -a --no-trunc --format "$(template '<.ID> <.Label "com.docker.compose.project">')" \
    --filter label=com.docker.compose.config-hash "$@" </dev/null) || return 1
  while read -r id project; do
    [[ -z $id || " ${projects[*]} " != *" $project "* ]] || printf '%s\n' "$id"
  done < <(printf '%s\n' "$rows")
}

container_row=$(template '<index .Config.Labels "com.docker.compose.service">|<index .Config.Labels "com.docker.compose.oneoff">|<.Id>|<.Name>|<.Config.Image>|<.Image>|<.State.Status>|<.State.ExitCode>|<with index .State "Health"><.Status><else>none<end>|<.RestartCount>|<.State.StartedAt>')

# service|oneoff|id|name|reference|image id|state|exit code|health|restarts|started at, a line for each container of the application.
# Fails where docker cannot tell: no answer must not look like no container.
container_rows() {
  local ids rows
  # shellcheck disable=SC2119
  ids=$(project_containers) || return 1
  [[ -n $ids ]] || return 0
  # A container may go away between the two calls: what is left is what there is.
  # shellcheck disable=SC2086
  rows=$(timeout --foreground -k 5 20 docker inspect --type container --format "$container_row" $ids </dev/null 2>/dev/null) || [[ -n $rows ]] || return 1
  printf '%s\n' "$rows"
}

# Digests of images, a line for each of those that are named; an empty one where docker does not know it.
digests_of() {
  local all image
  (($#)) || return 0
  all=$(docker image inspect --format "$(template '<range .RepoDigests><.> <end>')" "$@" </dev/null 2>/dev/null) && { printf '%s\n' "$all"; return; }
  for image; do
    docker image inspect --format "$(template '<range .RepoDigests><.> <end>')" "$image" </dev/null 2>/dev/null || echo
  done
}

# The containers as a JSON array, each with the digests that its image really has.
containers_json() {
  local service oneoff id name reference image state exit_code health restarts started digest digests rows images first=1
  local -A known=()
  rows=$(container_rows) || return 1
  mapfile -t images < <(printf '%s\n' "$rows" | cut -d '|' -f 6 | grep . | sort -u)
  while IFS= read -r image && IFS= read -r digests <&5; do known[$image]=$digests; done \
    < <(printf '%s\n' "${images[@]}") 5< <(digests_of "${images[@]}")
  printf '['
  # Not from a here-document: older bash keeps those on the disk, which may be full.
  while IFS='|' read -r service oneoff id name reference image state exit_code health restarts started; do
    [[ -n $id ]] || continue
    digests=''
    for digest in ${known[$image]:-}; do digests+="${digests:+,}$(json_text "$digest")"; done
    ((first)) || printf ','
    first=0
    printf '{"service":%s,"oneoff":%s,"id":"%s","name":%s,"reference":%s,"digests":[%s],"state":%s,"exitCode":%d,"health":%s,"restarts":%d,"startedAt":%s}' \
      "$(json_text "$service")" "$([[ $oneoff == True ]] && echo true || echo false)" "${id:0:12}" "$(json_text "${name#/}")" \
      "$(json_text "$reference")" "$digests" "$(json_text "$state")" "$exit_code" "$(json_text "$health")" "$restarts" "$(json_text "$started")"
  done < <(printf '%s\n' "$rows")
  printf ']'
}

# The current release by its own directory: where its record is torn, the files that compose needs still tell which one it is.
current_json() {
  local at=$ROOT/current number=0 revision='' bundle='' time='' slot
  [[ -e $at || -L $at ]] || { printf 'null'; return; }
  read -r number revision bundle time < <(cat "$at/record" 2>/dev/null) || true
  if [[ -z $time ]]; then
    number=0 time=''
    revision=$(sed -n 's/^REVISION=//p' "$at/images.env" 2>/dev/null || true)
    bundle=$(cat "$at/complete" 2>/dev/null || true)
  fi
  slot=$(readlink "$at") || true
  if [[ $slot == slots/* ]]; then slot=$(json_text "${slot#slots/}"); else slot=null; fi
  printf '{"number":%d,"revision":%s,"bundle":%s,"slot":%s,"at":%s}' "$number" "$(json_text "$revision")" "$(json_text "${bundle##*@}")" "$slot" "$(json_text "$time")"
}

# From where an environment was made, and in which versions; null where it is the host's own file.
made_json() {
  local name version list=''
  [[ -s $1/versions ]] || { printf 'null'; return; }
  # Both are of letters, digits, _ and - alone.
  while read -r name version; do list+="${list:+,}\"$name\":\"$version\""; done <"$1/versions"
  printf '{"from":%s,"versions":{%s}}' "$(json_text "$(cat "$1/from")")" "$list"
}

# That of the current release.
environment_json() { made_json "$ROOT/current/environment"; }

# Every service of the current release's compose file; null where no such list is kept.
services_json() {
  local service list=''
  [[ -s $ROOT/current/services ]] || { printf 'null'; return; }
  while read -r service; do list+="${list:+,}$(json_text "$service")"; done <"$ROOT/current/services"
  printf '[%s]' "$list"
}

# What of those is not one container that keeps running, as {"name":[how many, whether it ends]}. What a deployment has told to
# end in the slot that serves, and has not started again, is not done: it ought to run, whatever its exit code says.
expected_json() {
  local name replicas ending list='' stopped
  stopped=" $({ tr '\n' ' ' <"$ROOT/$(readlink "$ROOT/current").stopped"; } 2>/dev/null)" || true
  while read -r name replicas ending; do
    [[ $stopped != *" $name "* ]] || ending=never
    [[ "$replicas $ending" != '1 never' ]] || continue
    list+="${list:+,}$(json_text "$name"):[$(json_text "$replicas"),$(json_text "$ending")]"
  done < <(cat "$ROOT/current/expected" 2>/dev/null || true)
  printf '{%s}' "$list"
}

# Names of a release's files that are not as they were fetched; none where that is not known.
changed_files() {
  [[ -s $1/sums ]] || return 0
  (cd "$1" && sha256sum -c --quiet sums 2>/dev/null) | sed -n 's,^\./\(.*\): FAILED.*$,\1,p' || true
}

# What of the current release was changed on this host since it was put there, as two keys of JSON; null what is not known.
drift_json() {
  local at=$ROOT/current name list='' files=null environment=null
  if [[ -s $at/sums ]]; then
    while IFS= read -r name; do [[ -z $name ]] || list+="${list:+,}$(json_text "$name")"; done < <(changed_files "$at")
    files="[$list]"
  fi
  if [[ -s $at/environment.sum ]]; then
    environment=true
    ! sha256sum -c --status "$at/environment.sum" 2>/dev/null || environment=false
  fi
  printf '"changedFiles":%s,"environmentChanged":%s' "$files" "$environment"
}
