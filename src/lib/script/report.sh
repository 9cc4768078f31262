#!/bin/bash
# shellcheck disable=SC2034,SC2153,SC2154 # one of the parts of a script: what it sets or uses, another one uses or sets
# What of a failed deployment leaves the host: the end of the log without any value of the application's environment.
# The values are those that compose reads; where it cannot read them, nothing of the log leaves.

# The release that was here before has its own environment, and has its word in the log, too.
learn_both() {
  local own
  environment_of "$ROOT/releases/$SHORT"
  own=$REPLY
  environment_of "$ROOT/releases/${previous/none/$SHORT}"
  learn_secrets "$own" "$REPLY"
}

# Compose's own news of containers say nothing of a reason.
noise='^ *(Container|Network|Volume|Image|Service) .* +(Creat|Recreat|Start|Stop|Remov|Wait|Health|Runn|Pull|Kill|Error)[a-z]*$'

# The last line that the step has left in the log and that is neither ours nor noise.
reason() {
  [[ -f $log ]] || return 0
  tail -c +$((step_at + 1)) "$log" 2>/dev/null | sed $'s/\033\\[[0-9;?]*[A-Za-z]//g' |
    grep -Ev "$noise|^ *$|^[0-9]{4}-[0-9-]+T[0-9:]+Z " | tail -n 1 || true
}

# Where the log ends by now, into REPLY: it is this script's stdout, of which the kernel knows how far it has come.
log_size() { { read -r _ REPLY </proc/self/fdinfo/1; } 2>/dev/null || REPLY=0; }

# What the container to blame has said, into the log while it is still there.
explain() {
  local row name state exit_code health budget=$((SECONDS + 10))
  [[ -n $guilty ]] || look "$dir" || true
  if [[ -z $guilty ]]; then compose "$dir" logs --no-color --tail 5 || true; fi
  [[ -n $guilty_id ]] || return 0
  template '<.Name>|<.State.Status>|<.State.ExitCode>|<with index .State "Health"><range .Log><.ExitCode> <.Output><end><end>'
  row=$(timeout --foreground -k 1 10 docker inspect --type container \
    --format "$REPLY" "$guilty_id") || return 0
  IFS='|' read -r -d '' name state exit_code health < <(printf '%s\0' "$row") || true
  say "-- $guilty (${name#/}) is $state, exit code $exit_code; its log ends with:"
  timeout --foreground -k 1 10 docker logs --tail 30 "$guilty_id" 2>&1 | last_words 12
  [[ -z ${health//[[:space:]]/} ]] || { say "-- its health check said:"; printf '%s\n' "$health" | last_words 4; }
}

# Each line once in a row, with whose it is: what is said again and again takes the room of what is not.
last_words() { grep -v '^ *$' | uniq | tail -n "$1" | sed "s/^/$guilty | /" || true; }

# The failing step as the log has it: masked as a whole, before anything is cut off. Needs the secrets.
masked_step() {
  [[ -f $log ]] || return 0
  mask <"$log" 2>/dev/null |
    awk '/^[0-9T:-]+Z == / { n = 0 } { lines[n++] = $0 } END { for (i = 0; i < n; i++) print lines[i] }' |
    tail -n 40 | tail -c 5000
}
