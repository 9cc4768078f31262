# What the completions of bash and zsh share: all but where a shell keeps the line, and how it is told what to offer.

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

# What may follow the words of a command.
_threads_level() {
  case $1 in
@CASES@
    *) return 1 ;;
  esac
}

# The kind of a flag's value; fails for a switch.
_threads_kind() {
  local one
  for one in ${values[@]+"${values[@]}"}; do
    if [[ ${one% *} == "$1" ]]; then
      kind=${one##* }
      return
    fi
  done
  return 1
}

# _threads_walk WORD... goes through what stands before the word that is completed, and leaves in the caller's variables
# which command it is (way), how many arguments it has (place), whether -- has not come yet (own), and the kind of value
# that a flag waits for (pending).
_threads_walk() {
  local word kind='' longer
  way='' pending='' place=0 own=1
  _threads_level ''
  for word in "$@"; do
    longer=${way:+$way }$word
    if [[ -n $pending ]]; then
      pending=''
    elif [[ $own == 1 && $word == -- ]]; then
      own=0
    elif [[ $own == 1 && $word == -* ]]; then
      if _threads_kind "$word"; then pending=$kind; fi
    elif [[ $place == 0 && $own == 1 ]] && _threads_level "$longer"; then
      way=$longer
    else
      place=$((place + 1))
    fi
  done
}
