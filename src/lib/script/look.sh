#!/bin/bash
# shellcheck disable=SC2034,SC2153,SC2154 # one of the parts of a script: what it sets or uses, another one uses or sets
# Whether this host runs a release: its containers by image and state, and the answer that its port gives.

# Services that must not run here, or not yet.
absent=$ABSENT
is_absent() { [[ " $absent " == *" $1 "* ]]; }
# Where the release answers that is looked at.
ask=$PORT

# As docker writes it: dates of one form and one zone have the order of their letters.
# So many seconds ago, into REPLY.
moment() {
  milliseconds
  printf -v REPLY '%(%FT%T)T.%03d' "$((REPLY / 1000 - ${1:-0}))" "$((REPLY % 1000))"
}
# Since when what runs was to be made or started: a container that was started again after this has crashed.
began=''

# Sets `newest` to the last start of what has no health check; or `wrong` to what is not so, `guilty` and `guilty_id` to the
# service and container to blame, and `crashed` where it has ended although it must not.
look() {
  local at=$1 service oneoff id image state exit_code health restarts started rows replicas ending stopped='' _
  local -A found=() count=() up=()
  newest='' wrong='' guilty='' guilty_id='' crashed=0
  turn_to "$at"
  know_expected "$at"
  rows=$(container_rows) || { wrong="docker does not tell what runs"; return 1; }
  if [[ -n $slot ]]; then stopped_in "$slot" && stopped="$REPLY "; fi
  while IFS='|' read -r service oneoff id _ reference image state exit_code health restarts started; do
    [[ -n $id && $oneoff != True ]] || continue
    count[$service]=$((${count[$service]:-0} + 1))
    [[ $state == exited || $state == created ]] || up[$service]=1
    found[$service]+="$id|$image|$state|$exit_code|$health|$restarts|$started"$'\n'
  done < <(printf '%s\n' "$rows")
  [[ $wanted_by == "$at" ]] || want_images "$at" || return 1
  for service in $(<"$at/services"); do
    if is_absent "$service"; then
      [[ -z ${up[$service]:-} ]] || { wrong="$service runs here and should not"; return 1; }
      continue
    fi
    guilty=$service
    expect "$service"
    [[ $replicas != any ]] || replicas=${count[$service]:-0}
    ((${count[$service]:-0} == replicas)) || { wrong="$service has ${count[$service]:-0} containers, not $replicas"; return 1; }
    while IFS='|' read -r id image state exit_code health restarts started; do
      [[ -n $id ]] || continue
      guilty_id=$id
      [[ -z ${wanted[$service]:-} || $image == "${wanted[$service]}" ]] ||
        { wrong="$service runs another image than $(sed -n "s/^$service=//p" "$at/images.list")"; return 1; }
      if [[ $ending != never && $state == exited && $exit_code == 0 && " $stopped" != *" $service "* ]]; then continue; fi
      case $state in exited | dead | restarting) crashed=1 ;; esac
      [[ $state == running ]] || { wrong="$service is $state (exit code $exit_code)"; return 1; }
      if ((restarts > 0)) && [[ -n $began && $started > $began ]]; then
        crashed=1 wrong="$service keeps being started again"
        return 1
      fi
      [[ $ending != must ]] || { wrong="$service has not ended yet"; return 1; }
      [[ $health == healthy || $health == none ]] || { wrong="$service is $health"; return 1; }
      [[ $health != none || ! $started > $newest ]] || newest=$started
    done < <(printf '%s' "${found[$service]:-}")
    guilty='' guilty_id=''
  done
}

# Sets `wanted` to the ids of the images that the services of a release should run, by one call of docker. Asked once for a
# release: a digest is that of one image for ever.
declare -A wanted=()
wanted_by=''
want_images() {
  local pair told ids at pairs=()
  wanted=() wanted_by=''
  mapfile -t pairs < <(grep -v '^threads-edge=' "$1/images.list" || true)
  ((${#pairs[@]})) || return 0
  if ! told=$(image_ids "${pairs[@]#*=}"); then
    for pair in "${pairs[@]}"; do has_image "${pair#*=}" || { guilty=${pair%%=*} wrong="${pair#*=} is gone"; return 1; }; done
    wrong="docker does not tell what images there are"
    return 1
  fi
  mapfile -t ids < <(printf '%s\n' "$told")
  for at in "${!pairs[@]}"; do wanted[${pairs[at]%%=*}]=${ids[at]:-}; done
  wanted_by=$1
}

# X-Release of a 200 through the published port, or nothing where the application sends none: then the images that run are
# the proof. bash's own sockets, so that a host needs no curl.
answering() {
  # shellcheck disable=SC2016
  timeout --foreground -k 1 5 bash -c '
    exec 5<>"/dev/tcp/127.0.0.1/$1" || exit 1
    printf "GET %s HTTP/1.1\r\nHost: %s\r\n%sUser-Agent: threads\r\nConnection: close\r\n\r\n" "$2" "$3" "${4:+X-Forwarded-Proto: $4$5}" >&5
    IFS= read -r line <&5 || exit 1
    bad=0
    case $line in HTTP/1.?" 200"*) ;; *) printf "status %s" "${line:9:3}"; bad=1 ;; esac
    while IFS= read -r line <&5; do
      line=${line%[[:cntrl:]]}
      [[ -n $line ]] || break
      name=${line%%:*} value=${line#*:}
      case $bad${name,,} in
        0x-release) printf "%s" "${value# }"; exit 0 ;;
        1location) [[ ! ${value# } =~ ^https?://[^/?#]{1,80} ]] || printf " to %s" "${BASH_REMATCH[0]}"; exit 1 ;;
      esac
    done
    exit $bad' probe "$ask" "$HEALTH_PATH" "$HEALTH_HOST" "$HEALTH_PROTO" $'\r\n' 2>/dev/null 9>&-
}

# Whether it answers, and as no other revision than this one.
answers_as() { answer=$(answering) && [[ -z $answer || $answer == "$1" ]]; }

# Until the release runs here and its port answers as it; the limit in seconds. What has no health check must have stayed
# up for a while. A crash ends it at once, unless it is waited for (`patient`): a way back may need a second start.
patient=0
verify() {
  local at=$1 revision=$2 limit=$3 answer='' until since
  until=$((SECONDS + limit))
  while :; do
    milliseconds
    printf -v since '%d.%03d' "$((REPLY / 1000))" "$((REPLY % 1000))"
    if look "$at"; then
      if ! answers_as "$revision"; then
        wrong="$HEALTH_PATH does not answer as $revision (${answer:-no answer})"
      elif is_steady; then
        return 0
      else
        wrong="it has been up for too short a time"
      fi
    elif ((crashed && !patient)); then
      break
    fi
    ((SECONDS < budget && SECONDS < until)) || break
    await_news "$since"
  done
  say "$wrong"
  return 1
}

# Seconds that a container without a health check must have been up for.
steady=2
is_steady() { moment "$steady" && [[ ! $newest > $REPLY ]]; }

# The next thing that happens to a container, also if it happened since `$1`; PAUSE seconds at most, since ports have no news.
await_news() {
  local _
  template '<.Action>'
  read -r _ < <(exec 3>&- 4>&- 9>&-; timeout --foreground "$PAUSE" docker events --since "$1" --filter type=container \
    --filter event=die --filter event=health_status --format "$REPLY") || true
}

revision_of() { sed -n 's/^REVISION=//p' "$ROOT/releases/$1/images.env"; }

# Whether the release of a directory is what is served at this moment.
serves() {
  local revision answer
  absent=$ABSENT ask=$PORT
  is_release "$1" && revision=$(revision_of "$1") && [[ -n $revision ]] && look "$ROOT/releases/$1" &&
    answers_as "$revision"
}

# new: the release of this deployment. old: what was here before it. Looked at, once anything may have been touched.
serving() {
  local rows
  if [[ $previous == none ]]; then
    rows=$(container_rows) || { echo unknown; return; }
    if [[ -z $rows ]]; then echo old; elif serves "$SHORT"; then echo new; else echo unknown; fi
  elif serves "$previous"; then
    echo old
  elif serves "$SHORT"; then
    echo new
  else
    echo unknown
  fi
}
