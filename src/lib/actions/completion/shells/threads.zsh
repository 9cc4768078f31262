@VALUES@

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
  for one in $values; do
    if [[ ${one% *} == "$1" ]]; then
      kind=${one##* }
      return
    fi
  done
  return 1
}

_threads_offer_kind() {
  if [[ $1 == files ]]; then
    _files
  else
    local -a found
    found=("${(@f)$(_threads_values "$1")}")
    compadd -a found
  fi
}

_threads() {
  local word kind='' path_='' pending='' own=1
  local -i place=0
  local -a next flags values args
  _threads_level ''
  for word in "${(@)words[2,CURRENT-1]}"; do
    if [[ -n $pending ]]; then
      pending=''
    elif [[ $own == 1 && $word == -- ]]; then
      own=0
    elif [[ $own == 1 && $word == -* ]]; then
      if _threads_kind "$word"; then pending=$kind; fi
    elif [[ $place == 0 && $own == 1 ]] && _threads_level "${path_:+$path_ }$word"; then
      path_="${path_:+$path_ }$word"
    else
      place+=1
    fi
  done
  word=${words[CURRENT]}
  if [[ -n $pending ]]; then
    _threads_offer_kind "$pending"
  elif [[ $own == 1 && $word == -*=* ]]; then
    if _threads_kind "${word%%=*}"; then
      compset -P '*='
      _threads_offer_kind "$kind"
    fi
  elif [[ $own == 1 && $word == -* ]]; then
    _describe -o flag flags
  else
    if (( place == 0 && own == 1 && $#next )); then _describe command next; fi
    if (( place < $#args )); then _threads_offer_kind "${args[place + 1]}"; fi
  fi
}

if [[ ${funcstack[1]} == _threads ]]; then _threads "$@"; else compdef _threads threads; fi
