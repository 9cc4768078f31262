# _threads_values KIND prints what may stand there, a line each. Only what needs no quotes: a branch may be called $(reboot).
_threads_file() {
  local folder=$PWD
  if [ -n "${THREADS_CONFIG:-}" ]; then
    printf "%s" "$THREADS_CONFIG"
    return
  fi
  while [ ! -f "$folder/threads.yml" ]; do
    [ -n "$folder" ] || return
    folder=${folder%/*}
  done
  printf "%s" "$folder/threads.yml"
}

_threads_values() {
  case $1 in
    environments | services)
      awk -v wanted="$1" '@NAMES_AWK@' "$(_threads_file)" </dev/null ;;
    releases)
      _threads_values environments
      git for-each-ref --count=30 --format="%(refname:short)" refs/heads refs/tags
      git log --max-count=30 --format=%h ;;
    gates) printf "%s\n" @GATES@ ;;
    codes) printf "%s\n" @CODES@ ;;
    of:*) printf "%s\n" "${1#of:}" | tr , "\n" ;;
  esac 2>/dev/null | grep -E "^[A-Za-z0-9][A-Za-z0-9._/@+-]*$"
}
