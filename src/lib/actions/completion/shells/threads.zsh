@SHARED@

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
  local word kind='' way pending place own
  local -a next flags values args
  _threads_walk "${(@)words[2,CURRENT-1]}"
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
