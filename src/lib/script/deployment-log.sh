#!/bin/bash
# shellcheck disable=SC2034,SC2153,SC2154 # one of the parts of a script: what it sets or uses, another one uses or sets
# Reads only: what the script of deployment NUMBER has written into its log on this host, from byte OFFSET on.

# Of a deployment at work the last line may not be whole yet.
fence=$(cat "$ROOT/fence" 2>/dev/null || true)
[[ $fence =~ ^[0-9]{1,15}$ ]] || fence=0
working=false
if ((fence / 10 == NUMBER)) && [[ -e $ROOT/lock ]] && ! flock -sn "$ROOT/lock" true; then working=true; fi

[[ -z $missing ]] || answer lacking
can_search || answer bad-pattern
# Where its environment was thrown away, this is what it has said, without the values.
log=$ROOT/log/$NUMBER.masked
[[ -e $log ]] || log=$ROOT/log/$NUMBER.log
[[ -e $log ]] || answer none

# Values that are no longer here cannot be hidden: of an environment that was made for it, and that nothing uses any more.
if [[ $log != *.masked ]] && made "$log" && ! kept && ! $working; then answer hidden; fi

size=$(stat -c %s "$log")
rows=$(head -c "$size" "$log" | tail -c "+$((OFFSET + 1))" | tr '\000' '?' |
  awk -v at="$OFFSET" -v size="$size" -v working="$working" -v most="$MOST" -v most_bytes="$MOST_BYTES" -v most_text="$MOST_TEXT" '{
    at += length($0) + 1
    if (at > size) { if (working == "true") next; at = size }
    if (NR > most || bytes > most_bytes) next
    bytes += length($0)
    over = length($0) - most_text
    print at "\t0\t" (over > 0 ? over : 0) "\t" substr($0, 1, most_text)
  }')
found=$rows offset=$OFFSET
take 0 || answer hidden
if ((taken)); then offset=$(printf '%s\n' "$found" | awk -v at="$taken" 'NR == at { print $1 }'); fi
answer read "$(printf '"offset":%d,"size":%d,"working":%s,"lines":%d' "$offset" "$size" "$working" "$lines")" "$payload"
