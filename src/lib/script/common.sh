#!/bin/bash
# shellcheck disable=SC2034,SC2153,SC2154 # one of the parts of a script: what it sets or uses, another one uses or sets
# What a host tells of itself in JSON: its containers, and the release that is on record.

# To catch what a function prints takes a process each time, some milliseconds on a small host. So what is asked often puts it
# into REPLY, as `read` does, and says so: it is taken at once, since the next one puts its own there.

# Milliseconds since the epoch, into REPLY. bash 4.4 has no clock of its own.
milliseconds() { REPLY=${EPOCHREALTIME:-$(date +%s.%6N)} REPLY=${REPLY/[.,]/}; REPLY=${REPLY%???}; }

# Into REPLY: Go templates with < > for the double braces: SSM gives those a meaning in what it transports.
template() {
  local text=$1 open='{' close='}'
  text=${text//</$open$open}
  REPLY=${text//>/$close$close}
}

# Into REPLY: a JSON string of printable ASCII; long texts are cut.
json_text() {
  local text=${1//[^[:print:]]/ }
  text=${text:0:600}
  text=${text//\\/\\\\}
  REPLY=\"${text//\"/\\\"}\"
}
# Several of them, into `quoted`.
json_texts() {
  local text
  quoted=()
  for text; do json_text "$text" && quoted+=("$REPLY"); done
}
# Those that come in, a line each, into REPLY: with commas between them.
json_lines() {
  local line list=''
  while IFS= read -r line; do [[ -z $line ]] || { json_text "$line" && list+="${list:+,}$REPLY"; }; done
  REPLY=$list
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
  template '<.ID> <.Label "com.docker.compose.project">'
  rows=$(timeout --foreground -k 5 20 docker ps -a --no-trunc --format "$REPLY" \
    --filter label=com.docker.compose.config-hash "$@" </dev/null) || return 1
  while read -r id project; do
    [[ -z $id || " ${projects[*]} " != *" $project "* ]] || printf '%s\n' "$id"
  done < <(printf '%s\n' "$rows")
}

template '<index .Config.Labels "com.docker.compose.service">|<index .Config.Labels "com.docker.compose.oneoff">|<.Id>|<.Name>|<.Config.Image>|<.Image>|<.State.Status>|<.State.ExitCode>|<with index .State "Health"><.Status><else>none<end>|<.RestartCount>|<.State.StartedAt>'
container_row=$REPLY

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
  local all image row
  (($#)) || return 0
  template '<range .RepoDigests><.> <end>'
  row=$REPLY
  all=$(docker image inspect --format "$row" "$@" </dev/null 2>/dev/null) && { printf '%s\n' "$all"; return; }
  for image; do
    docker image inspect --format "$row" "$image" </dev/null 2>/dev/null || echo
  done
}

# The containers as a JSON array, each with the digests that its image really has.
containers_json() {
  local service oneoff id name reference image state exit_code health restarts started digest digests rows images quoted first=1
  local -A known=()
  rows=$(container_rows) || return 1
  while IFS='|' read -r _ _ _ _ _ image _; do [[ -z $image ]] || known[$image]=''; done < <(printf '%s\n' "$rows")
  images=("${!known[@]}")
  while IFS= read -r image && IFS= read -r digests <&5; do known[$image]=$digests; done \
    < <(printf '%s\n' "${images[@]}") 5< <(digests_of "${images[@]}")
  printf '['
  # Not from a here-document: older bash keeps those on the disk, which may be full.
  while IFS='|' read -r service oneoff id name reference image state exit_code health restarts started; do
    [[ -n $id ]] || continue
    digests=''
    for digest in ${known[$image]:-}; do json_text "$digest" && digests+="${digests:+,}$REPLY"; done
    if [[ $oneoff == True ]]; then oneoff=true; else oneoff=false; fi
    json_texts "$service" "${name#/}" "$reference" "$state" "$health" "$started"
    ((first)) || printf ','
    first=0
    printf '{"service":%s,"oneoff":%s,"id":"%s","name":%s,"reference":%s,"digests":[%s],"state":%s,"exitCode":%d,"health":%s,"restarts":%d,"startedAt":%s}' \
      "${quoted[0]}" "$oneoff" "${id:0:12}" "${quoted[1]}" "${quoted[2]}" "$digests" "${quoted[3]}" "$exit_code" "${quoted[4]}" "$restarts" "${quoted[5]}"
  done < <(printf '%s\n' "$rows")
  printf ']'
}

# The current release by its own directory: where its record is torn, the files that compose needs still tell which one it is.
current_json() {
  local at=$ROOT/current number=0 revision='' bundle='' time='' slot quoted
  [[ -e $at || -L $at ]] || { printf 'null'; return; }
  { read -r number revision bundle time <"$at/record"; } 2>/dev/null || true
  if [[ -z $time ]]; then
    number=0 time=''
    revision=$(sed -n 's/^REVISION=//p' "$at/images.env" 2>/dev/null || true)
    bundle=$(cat "$at/complete" 2>/dev/null || true)
  fi
  slot=$(readlink "$at") || true
  json_texts "$revision" "${bundle##*@}" "$time" "${slot#slots/}"
  [[ $slot == slots/* ]] || quoted[3]=null
  printf '{"number":%d,"revision":%s,"bundle":%s,"slot":%s,"at":%s}' "$number" "${quoted[0]}" "${quoted[1]}" "${quoted[3]}" "${quoted[2]}"
}

# From where an environment was made, and in which versions; null where it is the host's own file.
made_json() {
  local name version list=''
  [[ -s $1/versions ]] || { printf 'null'; return; }
  # Both are of letters, digits, _ and - alone.
  while read -r name version; do list+="${list:+,}\"$name\":\"$version\""; done <"$1/versions"
  json_text "$(<"$1/from")"
  printf '{"from":%s,"versions":{%s}}' "$REPLY" "$list"
}

# That of the current release.
environment_json() { made_json "$ROOT/current/environment"; }

# Every service of the current release's compose file; null where no such list is kept.
services_json() {
  [[ -s $ROOT/current/services ]] || { printf 'null'; return; }
  json_lines <"$ROOT/current/services"
  printf '[%s]' "$REPLY"
}

# What of those is not one container that keeps running, as {"name":[how many, whether it ends]}. What a deployment has told to
# end in the slot that serves, and has not started again, is not done: it ought to run, whatever its exit code says.
expected_json() {
  local name replicas ending list='' stopped quoted
  stopped=$ROOT/$(readlink "$ROOT/current").stopped || true
  if [[ -r $stopped ]]; then stopped=$(<"$stopped"); else stopped=''; fi
  stopped=" ${stopped//$'\n'/ } "
  while read -r name replicas ending; do
    [[ $stopped != *" $name "* ]] || ending=never
    [[ "$replicas $ending" != '1 never' ]] || continue
    json_texts "$name" "$replicas" "$ending"
    list+="${list:+,}${quoted[0]}:[${quoted[1]},${quoted[2]}]"
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
  local at=$ROOT/current files=null environment=null
  if [[ -s $at/sums ]]; then
    json_lines < <(changed_files "$at")
    files="[$REPLY]"
  fi
  if [[ -s $at/environment.sum ]]; then
    environment=true
    ! sha256sum -c --status "$at/environment.sum" 2>/dev/null || environment=false
  fi
  printf '"changedFiles":%s,"environmentChanged":%s' "$files" "$environment"
}
