#!/bin/bash
# shellcheck disable=SC2034,SC2153,SC2154 # one of the parts of a script: what it sets or uses, another one uses or sets
# What a host remembers of its deployments. A record is whole or it is not believed: it is synced before it gets its
# name, "nothing" is written as `none`, and an empty or torn one stops everything before anything is touched.

# Whether a text has that line.
has_line() { [[ $'\n'$1$'\n' == *$'\n'"$2"$'\n'* ]]; }

# A line of the log stops nothing: the disk may be full.
say() { printf '%(%FT%TZ)T %s\n' -1 "$*" 2>/dev/null || true; }
warn() { warnings+=("$1"); say "warning: $1"; }

# What comes in; `note` writes down what it is given.
write() { { cat >"$1.new" && sync "$1.new" && mv -fT "$1.new" "$1"; } || { rm -f "$1.new"; return 1; }; }
note() { { printf '%s\n' "$2" >"$1.new" && sync "$1.new" && mv -fT "$1.new" "$1"; } || { rm -f "$1.new"; return 1; }; }

# The fourth column of what df says with the option, into REPLY.
df_free() { { read -r _ && read -r _ _ _ REPLY _; } < <(df "$1" "$2" 2>/dev/null) || REPLY=''; }
free_kb() { df_free -Pk "$1"; }

# A full disk must leave room for the few records of the way back. Not of zeros: some file systems store those for nothing.
keep_reserve() { [[ -s $ROOT/reserve ]] || head -c 262144 /dev/urandom >"$ROOT/reserve" || rm -f "$ROOT/reserve"; }
use_reserve() { rm -f "$ROOT/reserve" || true; }

is_release() { [[ $1 =~ ^[0-9a-f]{12}$ ]]; }

# The first line of a record, into REPLY, if it matches the pattern as a whole.
recorded() {
  local line=''
  read -r line <"$1" || true
  [[ $line =~ ^($2)$ ]] || return 1
  REPLY=$line
}

# Nobody can know what an empty record once said: a person must look.
corrupt() {
  local unready=$NOT_READY
  [[ $ACTION == restore ]] && unready=$STUCK
  now=unknown
  fail "$unready" "the record $1 is empty or torn, so nothing was touched; $2"
}

# The release that is on record as current, or none; into REPLY.
current_release() {
  local target=''
  [[ -e $ROOT/current || -L $ROOT/current ]] || { REPLY=none; return; }
  target=$(readlink "$ROOT/current") || return 1
  if [[ $target == slots/* ]]; then target=$(readlink "$ROOT/$target") || return 1; fi
  target=${target#../}
  is_release "${target#releases/}" || return 1
  REPLY=${target#releases/}
}

# What ran here before deployment NUMBER. Written once: after a reboot in the middle, `current` may already be the new one.
know_previous() {
  if [[ -e $mark.previous ]]; then
    recorded "$mark.previous" '(releases/)?[0-9a-f]{12}|none' ||
      corrupt "$mark.previous" "write the name of a directory in $ROOT/releases into it, or none"
    previous=${REPLY#releases/}
    return
  fi
  [[ ! -e $mark.switch ]] || corrupt "$mark.previous" "write the name of a directory in $ROOT/releases into it, or none"
  current_release || corrupt "$ROOT/current" "link it to releases/<name>, or remove it if nothing runs here"
  previous=$REPLY
  note "$mark.previous" "$previous" || unrecorded "$mark.previous"
}

# Going forward needs its records; going back does without.
unrecorded() {
  free_kb "$ROOT"
  [[ $ACTION == restore ]] || fail "$NOT_READY" "$1 cannot be written ($REPLY KiB are free under $ROOT)"
  warn "$1 could not be written"
}

# Records and ports of a host are those of one application: another one would take them for its own.
one_application() {
  local owner=$APP
  [[ ! -e $ROOT/app ]] || ! recorded "$ROOT/app" '[a-z0-9][a-z0-9_-]*' || owner=$REPLY
  if [[ $owner != "$APP" ]]; then
    now=old
    fail "$NOT_READY" "this host has the application $owner, and takes no second one: give $APP hosts of its own; where $owner is gone for good, rm -r $ROOT on the host"
  fi
  [[ $ACTION == restore || -e $ROOT/app ]] || note "$ROOT/app" "$APP" || unrecorded "$ROOT/app"
}

# Whether this very order has been here before, as after a reboot.
repeated=0

# One script at a time, and no older deployment after a newer one. The same one again gets the same answer.
accept() {
  local last=0
  if untouched; then now=old; fi
  command exec 9>"$ROOT/lock" || { free_kb "$ROOT"; fail "$NOT_READY" "$ROOT/lock cannot be written ($REPLY KiB are free there)"; }
  now=unknown
  flock -w "$LOCK_WAIT" 9 || fail "$BUSY" "another deployment is at work on this host"
  one_application
  if [[ -e $ROOT/fence ]]; then
    recorded "$ROOT/fence" '[0-9]{1,15}' ||
      corrupt "$ROOT/fence" "write ten times the number of the last deployment into it"
    last=$REPLY
  fi
  ((fence >= last)) || fail "$SUPERSEDED" "deployment $((last / 10)) has been here already, and it is newer"
  repeated=$((fence == last))
  if ((repeated)) && recorded "$mark.$phase.done" '\{"threads":1,.*\}'; then
    printf '%s\n' "$REPLY" >&3
    trap - EXIT
    exit 0
  fi
  if untouched; then now=old; else now=''; fi
  know_previous
  note "$ROOT/fence" "$fence" || unrecorded "$ROOT/fence"
}

# What serves is what is on record: no earlier run was killed in the middle of a switch, or could not go back from it.
untouched() {
  local begun was
  [[ $ACTION != restore && ! -e $mark.switch ]] || return 1
  for begun in "$ROOT"/deployments/*.switch; do
    [[ -e $begun ]] || continue
    was=''
    ! recorded "$begun" '[0-9a-f]{12}' || was=$REPLY
    current_release || REPLY=''
    [[ $was == "$REPLY" ]] || return 1
  done
}

# What serves after each switch, in both directions; prune reads it. Bounded: nothing reaches back that far.
# A line that a full disk has cut off must not swallow the next one.
remember() { { awk 1 "$ROOT/history" 2>/dev/null | tail -n 200 || true; printf '%s\n' "$1"; } | write "$ROOT/history"; }

# releases/<name>, or slots/<name>.
point_at() {
  ln -sfn "$1" "$ROOT/current.new" && mv -fT "$ROOT/current.new" "$ROOT/current"
}
