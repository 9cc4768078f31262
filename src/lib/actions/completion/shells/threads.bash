@SHARED@

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
  local word kind='' way pending place own last count=0 glued=''
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
  _threads_walk "${words[@]:0:count-1}"
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
