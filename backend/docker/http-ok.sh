#!/bin/bash
# http-ok.sh PORT PATH: succeeds when http://127.0.0.1:PORT/PATH answers 2xx.
# A bash socket takes 3 ms; starting Python or curl for each probe would take up to a hundred times that.
set -eu
exec 3<>"/dev/tcp/127.0.0.1/$1"
printf 'GET %s HTTP/1.0\r\nHost: localhost\r\n\r\n' "$2" >&3
read -r _ status _ <&3
case "$status" in
  2??) exit 0 ;;
esac
echo "$2 answered $status" >&2
exit 1
