#!/bin/bash
# shellcheck disable=SC2034,SC2153,SC2154 # one of the parts of a script: what it sets or uses, another one uses or sets
# Turns PACKED into the rest of the script and runs it. Without a file of its own: the disk may be full.

# The last line of a host that cannot even get that far, by means of the shell alone.
unready() {
  local code=$NOT_READY now=old begun
  for begun in "$ROOT"/deployments/*.switch; do [[ ! -e $begun ]] || now=unknown; done
  [[ $ACTION != restore ]] || code=$STUCK now=unknown
  printf '{"threads":1,"action":"%s","number":%d,"nonce":"%s","ok":false,"code":%d,"step":"start","message":"%s","now":"%s"}\n' \
    "$ACTION" "$NUMBER" "$NONCE" "$code" "$1" "$now"
  exit "$code"
}

# A way back is tried with whatever is there.
[[ -z $missing || $ACTION == restore ]] || unready "$missing"
unpacked=$(printf '%s' "$PACKED" | base64 -d | gzip -dc) || unready "${missing:-the script cannot be unpacked on this host}"
eval "$unpacked"
