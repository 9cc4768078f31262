#!/bin/bash
# Reads only: what runs on this host, by digest, beside what the last deployment left on record.
docker_ok=true
timeout --foreground -k 5 20 docker version >/dev/null 2>&1 </dev/null || docker_ok=false
containers=null
if [[ $docker_ok == true ]]; then containers=$(containers_json) || { docker_ok=false containers=null; }; fi
fence=$(cat "$ROOT/fence" 2>/dev/null || true)
[[ $fence =~ ^[0-9]{1,15}$ ]] || fence=0
busy=false
if [[ -e $ROOT/lock ]] && ! flock -sn "$ROOT/lock" true; then busy=true; fi
printf '{"threads":1,"action":"status","nonce":"%s","ok":true,"docker":%s,"busy":%s,"number":%d,"current":%s,"services":%s,"expected":%s,"containers":%s}\n' \
  "$NONCE" "$docker_ok" "$busy" "$((fence / 10))" "$(current_json)" "$(services_json)" "$(expected_json)" "$containers"
