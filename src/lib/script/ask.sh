#!/bin/bash
# shellcheck disable=SC2034,SC2153,SC2154 # one of the parts of a script: what it sets or uses, another one uses or sets
# Asks the application through the port of this host that everybody asks: REQUESTS, as they go over the wire, in base64. What
# was answered comes packed, PIECE characters of it from OFFSET on; the rest is kept under KEY until somebody asks for it.

# END SIZE PART; `replies` is what is told of each.
replies=''
tell() {
  json_text "$missing"
  printf '{"threads":1,"action":"%s","nonce":"%s","end":"%s","message":%s,"size":%d,"replies":[%s]}\n%s\n' \
    "$ACTION" "$NONCE" "$1" "$REPLY" "$2" "$replies" "${3:-}"
  exit 0
}

# In memory, where there is room for it: nothing of it is for longer than a moment.
kept=''
for place in /dev/shm /run /tmp; do
  [[ -d $place && -w $place ]] || continue
  kept=$place/threads-ask-$APP
  break
done
[[ -n $missing ]] || mkdir -p "$kept" 2>/dev/null || missing="there is no room for replies in memory"
[[ -z $missing ]] || tell lacking 0
# Of somebody who went away in the middle.
find "$kept" -type f -mmin +10 -delete 2>/dev/null || true

piece() {
  local size part
  size=$(stat -c %s "$kept/$KEY" 2>/dev/null) || tell gone 0
  part=$(head -c "$((OFFSET + PIECE))" "$kept/$KEY" | tail -c "+$((OFFSET + 1))")
  ((OFFSET + PIECE < size)) || rm -f "$kept/$KEY"
  tell asked "$size" "$part"
}
((OFFSET == 0)) || piece

dir=$(mktemp -d -p "$kept" 2>/dev/null) || { missing="there is no room for replies in memory"; tell lacking 0; }
trap 'rm -rf "$dir"' EXIT

# bash's own sockets, so that a host needs no curl. A port that nobody listens on is 3.
ask() {
  local code=0
  # shellcheck disable=SC2016
  timeout --foreground -k 1 "$LIMIT" bash -c '
    exec 5<>"/dev/tcp/127.0.0.1/$1" || exit 3
    printf %s "$2" | base64 -d >&5
    head -c "$3" <&5' ask "$PORT" "${REQUESTS[$1]}" "$MOST" >"$dir/$1" 2>/dev/null </dev/null || code=$?
  echo "$code" >"$dir/$1.code"
}

read_whole='^content-type: *(text/(html|css|plain)|application/([a-z.-]+\+)?json|application/xhtml\+xml)'
# What nobody reads weighs nothing: the body of an image, a font, a script becomes as many zeros. One in chunks stays as it is.
lighten() {
  local head at size
  at=$(head -c 65536 "$1" | grep -ab $'^\r$' | cut -d : -f 1) || return 0
  at=${at%%$'\n'*}
  [[ $at =~ ^[0-9]+$ ]] || return 0
  head=$(head -c "$at" "$1" | tr -d '\000' | tr '[:upper:]' '[:lower:]')
  case $head in *$'\n'transfer-encoding:*) return 0 ;; esac
  if printf '%s\n' "$head" | grep -qE "$read_whole"; then return 0; fi
  size=$(stat -c %s "$1")
  { head -c "$((at + 2))" "$1"; head -c "$((size - at - 2))" /dev/zero; } >"$1.light" && mv "$1.light" "$1"
}

for n in "${!REQUESTS[@]}"; do ask "$n" & done
wait
for n in "${!REQUESTS[@]}"; do
  case $(<"$dir/$n.code") in 0) end=answered ;; 3) end=refused ;; 124 | 137) end=late ;; *) end=broken ;; esac
  bytes=$(stat -c %s "$dir/$n")
  ((bytes < MOST)) || end=long
  if [[ $end == answered ]]; then lighten "$dir/$n"; else : >"$dir/$n"; fi
  replies+="${replies:+,}{\"end\":\"$end\",\"bytes\":$(stat -c %s "$dir/$n")}"
done
for n in "${!REQUESTS[@]}"; do cat "$dir/$n"; done | gzip -9n | base64 -w 0 >"$kept/$KEY" 2>/dev/null || { missing="there is no room for replies in memory"; tell lacking 0; }
piece
