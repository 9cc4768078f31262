#!/bin/bash
# shellcheck disable=SC2034,SC2153,SC2154 # one of the parts of a script: what it sets or uses, another one uses or sets
# Reads only: prints what the script of deployment NUMBER writes into its log on this host, as it writes it, without any value of
# the application's environment. The agent hands it to CloudWatch Logs; SSM itself keeps no more than the beginning.
log=$ROOT/log/$NUMBER.log
masked=$ROOT/log/$NUMBER.masked
case $OF in weigh) phase=0 ;; deploy) phase=1 ;; *) phase=2 ;; esac

# Whether that very script has the host: it writes down which one it is before it touches anything.
at_work() {
  [[ $(cat "$ROOT/fence" 2>/dev/null || true) == "$((NUMBER * 10 + phase))" ]] || return 1
  [[ -e $ROOT/lock ]] && ! flock -sn "$ROOT/lock" true
}

# Where its part of the log begins: other orders of the same deployment have written before it.
beginning() { grep -aobE "^[0-9T:-]+Z deployment $NUMBER: $OF( |\$)" "$log" 2>/dev/null | tail -n 1 | cut -d : -f 1 || true; }

# Every value that the files here have had since: of one that is thrown away it may still be in what was said.
secrets='' learned='' knew=0
learn() {
  local files=("$ENV_FILE" "$ROOT"/releases/*/environments/*/env) before=$secrets sums
  if kept; then knew=1; fi
  sums=$(cat "${files[@]}" 2>/dev/null | sha256sum) || true
  [[ $sums != "$learned" ]] || return 0
  if ! learn_secrets "${files[@]}"; then secrets=$before; return 1; fi
  secrets=$(printf '%s\n%s\n' "$before" "$secrets" | grep -a . | LC_ALL=C sort -u | LC_ALL=C sort -t $'\t' -k1,1nr) || true
  learned=$sums
}

# What is new, in whole lines; with `last` to its end. Fails where nobody knows what to hide: then it is told later, or not at all.
offset=0
print_new() {
  local size piece
  size=$(stat -c %s "$log" 2>/dev/null) || return 0
  ((size > offset)) || return 0
  ((size - offset <= MOST_BYTES)) || size=$((offset + MOST_BYTES))
  learn || return 1
  # Its environment may come and go between two looks.
  ((knew)) || ! made "$log" || return 1
  piece=$(head -c "$size" "$log" | tail -c "+$((offset + 1))" | tr '\000' '?' && printf x)
  piece=${piece%x}
  if [[ $piece != *$'\n'* && $1 != last ]]; then return 0; fi
  if [[ $piece == *$'\n'* && $1 != last ]]; then piece=${piece%$'\n'*}$'\n'; fi
  printf '%s' "$piece" | mask || return 1
  offset=$((offset + $(printf '%s' "$piece" | wc -c)))
}

# The rest. What was thrown away with its values lies here without them, line by line.
print_rest() {
  local lines before
  if [[ -e $masked ]] && ((!knew)); then
    lines=$(head -c "$offset" "$log" 2>/dev/null | wc -l)
    tail -n "+$((lines + 1))" "$masked"
    return
  fi
  while before=$offset && print_new last && ((offset > before)); do :; done
  (($(stat -c %s "$log" 2>/dev/null || echo 0) <= offset)) ||
    echo 'what follows is not shown: the values that would have to be hidden cannot be read, or are gone'
}

found=0
while ((SECONDS < LIMIT)); do
  working=0
  if at_work; then working=1; fi
  if ((!found && (working || SECONDS >= PATIENCE))); then
    at=$(beginning)
    if [[ -n $at ]]; then offset=$at found=1; elif ((SECONDS >= PATIENCE)); then break; fi
  fi
  if ((found && !working)); then break; fi
  if ((found)); then print_new more || true; fi
  sleep "$PAUSE"
done
if ((found)); then print_rest; fi
exit 0
