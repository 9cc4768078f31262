#!/bin/bash
# shellcheck disable=SC2034,SC2153,SC2154 # one of the parts of a script: what it sets or uses, another one uses or sets
# Runs a command in the running container of a service. How it ended is said first: SSM cuts the end of an output off.
id='' name='' state='' services='' code=0

# END STDOUT_BYTES STDERR_BYTES
tell() {
  local quoted
  json_texts "$name" "$state"
  printf '{"threads":1,"action":"exec","nonce":"%s","end":"%s","code":%d,"container":%s,"state":%s,"services":[%s],"stdoutBytes":%d,"stderrBytes":%d}\n' \
    "$NONCE" "$1" "$code" "${quoted[@]}" "$services" "$2" "$3"
}

# The beginning of what comes in, and how many bytes more there were: a disk that is full must not fill up further.
keep() { head -c "$2" >"$1" && wc -c >"$1.more"; }
written() { echo $(($(stat -c %s "$1") + $(<"$1.more"))); }

# Of several containers the one that runs, and of those the newest, which docker names first.
choose() {
  local row_service oneoff row_id row_name row_state row_code _
  while IFS='|' read -r row_service oneoff row_id row_name _ _ row_state row_code _; do
    [[ -n $row_id && $oneoff != True ]] || continue
    json_text "$row_service"
    [[ ",$services," == *",$REPLY,"* ]] || services+="${services:+,}$REPLY"
    [[ $row_service == "$SERVICE" && $state != running ]] || continue
    [[ -z $state || $row_state == running ]] || continue
    id=$row_id name=${row_name#/} state=$row_state code=$row_code
  done < <(printf '%s\n' "$rows")
  [[ $state == running ]]
}

look_where_it_serves
rows=$(container_rows) || { tell no-docker 0 0; exit 0; }
if ! choose; then
  listed=$(services_json)
  [[ $listed == null ]] || services=${listed:1:-1}
  tell not-running 0 0
  exit 0
fi
services='' code=0

# In memory, where there is room for it: it may be a full disk that somebody looks for.
for place in /dev/shm /run /tmp; do dir=$(mktemp -d -p "$place" threads-exec.XXXXXXXX 2>/dev/null) && break; done
trap 'rm -rf "$dir"' EXIT
mark=THREADS_EXEC=$NONCE
# docker leaves in the container what it has begun there, and a script that is cancelled gets KILL, which no trap hears:
# somebody outside its process group waits for its end, and ends the command where nobody has told that it is over.
# shellcheck disable=SC2016
exec 8> >(exec setsid bash -c '
  read -r _ && exit
  for signal in TERM KILL; do
    for process in $(grep -lsF "$1" /proc/[0-9]*/environ); do
      process=${process#/proc/}
      kill -s "$signal" "${process%/environ}"
    done
    sleep 3
  done
  rm -rf "$2"' end "$mark" "$dir" >/dev/null 2>&1)

began=$SECONDS
{
  {
    timeout --foreground -k 5 "$LIMIT" docker exec -e "$mark" "$id" "${COMMAND[@]}" 2>&1 >&3 3>&- 8>&- </dev/null || code=$?
    printf '%d' "$code" >"$dir/code"
  } | keep "$dir/stderr" "$MOST_STDERR" 3>&- 8>&-
} 3>&1 | keep "$dir/stdout" "$MOST_STDOUT" 8>&-
code=$(<"$dir/code")
end=ran
if ((SECONDS - began >= LIMIT)) && [[ $code == 124 || $code == 137 ]]; then end=timed-out; else echo over >&8; fi
tell "$end" "$(written "$dir/stdout")" "$(written "$dir/stderr")"
cat "$dir/stdout"
cat "$dir/stderr" >&2
