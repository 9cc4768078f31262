#!/bin/bash
# shellcheck disable=SC2034,SC2153,SC2154 # one of the parts of a script: what it sets or uses, another one uses or sets
# As much of some rows as SSM hands on: masked, searched and packed. What it has no room for comes with the next command.
# Seconds, into REPLY.
left() { REPLY=$((LIMIT - SECONDS)); ((REPLY > 0)) || REPLY=1; }
rows_in() { if [[ -n $1 ]]; then printf '%s\n' "$1" | wc -l; else echo 0; fi; }
# From one row on, so many of them. To its end: a program that leaves early ends the one before it.
rows_from() { awk -v from="$1" -v most="$2" 'NR >= from && NR < from + most'; }

# Whether GREP can be searched for: what is wrong with it is known before anything is read.
can_search() {
  local status=0
  ((${#GREP[@]})) || return 0
  printf 'x\n' | grep -E -e "${GREP[0]}" >/dev/null 2>&1 || status=$?
  ((status < 2))
}
search() {
  if ((${#GREP[@]} == 0)); then cat; return; fi
  local numbers rows
  rows=$(cat; printf x)
  rows=${rows%x}
  numbers=$(printf '%s' "$rows" | cut -f 4- | grep -anE -e "${GREP[0]}" | cut -d : -f 1 | tr '\n' ' ') || true
  printf '%s' "$rows" | awk -v numbers="$numbers" 'BEGIN { n = split(numbers, list, " "); for (i = 1; i <= n; i++) wanted[list[i]] = 1 } NR in wanted'
}

packed() { printf '%s\n' "$shown" | rows_from 1 "$1" | cut -f 2- | gzip -9n | base64 -w 0; }

# Of rows "time or place, number, bytes cut off, text" in `rows`, those from the one after $1 on: `payload` is what there is
# room for of them, in `lines` lines, and `taken` how many rows that are. Fails where nobody knows what to hide.
take() {
  local count texts shown longest next
  payload='' lines=0 taken=0
  rows=$(printf '%s' "$rows" | rows_from $(($1 + 1)) "$MOST")
  taken=$(rows_in "$rows")
  ((taken)) || return 0
  learn_secrets "${environments[@]}" || return 1
  longest=$(printf '%s' "$secrets" | sed -n '1s/\t.*//p')
  texts=$(printf '%s\n' "$rows" | cut -f 4- | mask && printf x) || return 1
  shown=$(paste <(printf '%s\n' "$rows" | cut -f 1-3) <(printf '%s' "${texts%x}") |
    awk -v most="$MOST_SHOWN" -v longest="${longest:-0}" "$SHOWN_AWK" | search) || return 1
  count=$(rows_in "$shown")
  lines=$count
  ((lines)) || return 0
  while payload=$(packed "$lines") && ((${#payload} > ROOM && lines > 1)); do
    lines=$((lines * ROOM * 9 / (${#payload} * 10)))
    ((lines)) || lines=1
  done
  if ((lines < count)); then
    next=$(printf '%s\n' "$shown" | awk -v at=$((lines + 1)) 'NR == at { print $1 }')
    taken=$((next - 1))
  fi
}

# Files with values that may be in what was said: of every release here, and of the host itself.
environments=()
for file in "$ENV_FILE" "$ROOT"/releases/*/environments/*/env; do environments+=("$file"); done

# END, then keys of JSON, and on a line of its own what there is to show.
answer() {
  json_text "$missing"
  printf '{"threads":1,"action":"%s","nonce":"%s","end":"%s","message":%s%s}\n%s\n' "$ACTION" "$NONCE" "$1" "$REPLY" "${2:+,$2}" "${3:-}"
  exit 0
}
