#!/bin/bash
# fresh.sh FILE SECONDS: succeeds when FILE was touched less than SECONDS ago, and says when that was.
# The worker and the scheduler touch it while their loops turn; `celery inspect ping` would cost a second of CPU.
set -eu
if [ ! -e "$1" ]; then
  echo "$1 does not exist yet" >&2
  exit 1
fi
age=$(($(date +%s) - $(stat -c %Y "$1")))
said="$1 was last touched $age s ago"
if [ "$age" -ge "$2" ]; then
  echo "$said" >&2
  exit 1
fi
echo "$said"
