#!/bin/bash
# shellcheck disable=SC2154 # other parts of the script have set it
# Reads only: what runs on this host, by digest, beside what the last deployment left on record.
docker_ok=true
look_where_it_serves
timeout --foreground -k 5 20 docker version >/dev/null 2>&1 </dev/null || docker_ok=false
containers=null
if [[ $docker_ok == true ]]; then containers=$(containers_json) || { docker_ok=false containers=null; }; fi
fence=$(cat "$ROOT/fence" 2>/dev/null || true)
[[ $fence =~ ^[0-9]{1,15}$ ]] || fence=0
busy=false
if [[ -e $ROOT/lock ]] && type -P flock >/dev/null && ! flock -sn "$ROOT/lock" true; then busy=true; fi
bounded() { timeout --foreground -k 5 20 "$@"; }
weighed=null served=null
if [[ $docker_ok == true ]]; then weighed=$(weighed_json) served=$(served_json); fi
# A deployment's log is its sign of life. How long ago is told, and not when: the clocks of hosts differ.
log=$ROOT/log/$((fence / 10)).log quiet=null step=''
if written=$(stat -c %Y "$log" 2>/dev/null); then
  quiet=$(($(date +%s) - written))
  step=$(sed -n 's/^[0-9T:-]*Z == //p' "$log" 2>/dev/null | tail -n 1) || true
fi
json_texts "$missing" "$step"
printf -v line '{"threads":1,"action":"status","nonce":"%s","ok":true,"message":%s,"docker":%s,"busy":%s,"step":%s,"quietSeconds":%s,"number":%d,"current":%s,"weighed":%s,"served":%s,"environment":%s,%s,"services":%s,"expected":%s,"containers":%s}' \
  "$NONCE" "${quoted[0]}" "$docker_ok" "$busy" "${quoted[1]}" "$quiet" "$((fence / 10))" "$(current_json)" "$weighed" "$served" "$(environment_json)" "$(drift_json)" "$(services_json)" "$(expected_json)" "$containers"
hand_on "$line"
