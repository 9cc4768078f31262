#!/bin/bash
# shellcheck disable=SC2034,SC2153,SC2154 # one of the parts of a script: what it sets or uses, another one uses or sets
# Reads only: the step that the script of deployment NUMBER is at on this host, by its log. It is a word of ours, and no program's.
step=$(sed -n 's/^[0-9-]*T[0-9:]*Z == \([a-z]*\)$/\1/p; s/^[0-9-]*T[0-9:]*Z -- going back to .*/back/p' \
  "$ROOT/log/$NUMBER.log" 2>/dev/null | tail -n 1) || step=''
printf '{"threads":1,"action":"step","app":"%s","nonce":"%s","step":"%s"}\n' "$APP" "$NONCE" "$step"
