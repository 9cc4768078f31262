#!/bin/bash
# shellcheck disable=SC2034,SC2153,SC2154 # one of the parts of a script: what it sets or uses, another one uses or sets
# What our scripts need of a host beside docker: a small image may lack some of it. Asked by means of the shell alone.
missing=''
lacks() { missing+="${missing:+, }$1"; }
need() {
  local package=$1 name
  shift
  for name; do type -P "$name" >/dev/null || lacks "$name (package $package)"; done
}
((BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] >= 404)) || lacks "bash 4.4 (it is $BASH_VERSION)"
need bash bash
need coreutils base64 cat cp cut date df env head ln mkdir mv paste readlink realpath rm sha256sum sleep sort stat sync tac tail timeout tr true uniq
need findutils find
need gawk awk
need grep grep
need gzip gzip
need sed sed
need util-linux flock
# Those of busybox have the names, but not all that is behind them.
[[ -n $missing || $(date +%N) =~ ^[0-9]+$ ]] || lacks "a date that tells nanoseconds (package coreutils)"
[[ -n $missing ]] || timeout --foreground -k 1 5 true || lacks "a timeout that knows --foreground (package coreutils)"
[[ -z $missing ]] || missing="this host lacks $missing"
