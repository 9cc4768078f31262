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
  for one in ${values[@]+"${values[@]}"}; do
    if [[ ${one% *} == "$1" ]]; then
      kind=${one##* }
      return
    fi
  done
  return 1
}

_threads_offer() {
  local word
  while IFS= read -r word; do
    if [[ $word == "$1"* ]]; then COMPREPLY+=("$word"); fi
  done
}

_threads_offer_kind() {
  if [[ $1 == files ]]; then
    compopt -o filenames 2>/dev/null
    while IFS= read -r word; do COMPREPLY+=("$word"); done < <(compgen -f -- "$2")
  else
    _threads_offer "$2" < <(_threads_values "$1")
  fi
}

_threads() {
  local word kind='' path='' pending='' place=0 own=1 last count=0 glued=''
  local -a words=() next=() flags=() values=() args=()
  # bash takes the = of --flag=value for a word of its own.
  for word in "${COMP_WORDS[@]:1:COMP_CWORD}"; do
    if [[ $count -gt 0 && ( $word == = || -n $glued ) ]]; then
      words[count - 1]+=$word
    else
      words[count]=$word
      count=$((count + 1))
    fi
    if [[ $word == = ]]; then glued=yes; else glued=''; fi
  done
  COMPREPLY=()
  last=${words[count - 1]}
  _threads_level ''
  for word in "${words[@]:0:count-1}"; do
    if [[ -n $pending ]]; then
      pending=''
    elif [[ $own == 1 && $word == -- ]]; then
      own=0
    elif [[ $own == 1 && $word == -* ]]; then
      if _threads_kind "$word"; then pending=$kind; fi
    elif [[ $place == 0 && $own == 1 ]] && _threads_level "${path:+$path }$word"; then
      path=${path:+$path }$word
    else
      place=$((place + 1))
    fi
  done
  if [[ -n $pending ]]; then
    _threads_offer_kind "$pending" "$last"
  elif [[ $own == 1 && $last == -*=* ]]; then
    if _threads_kind "${last%%=*}"; then _threads_offer_kind "$kind" "${last#*=}"; fi
  elif [[ $own == 1 && $last == -* ]]; then
    _threads_offer "$last" < <(printf '%s\n' "${flags[@]}")
  else
    if [[ $place == 0 && $own == 1 && ${#next[@]} -gt 0 ]]; then
      _threads_offer "$last" < <(printf '%s\n' "${next[@]}")
    fi
    if [[ $place -lt ${#args[@]} ]]; then _threads_offer_kind "${args[place]}" "$last"; fi
  fi
}

complete -F _threads threads
