#!/bin/bash
# shellcheck disable=SC2034,SC2153,SC2154 # one of the parts of a script: what it sets or uses, another one uses or sets
# The application's environment file, as compose reads it. Names of keys are compared and shown, values never.

# Names of keys in that JSON, those only whose value is $1 where it is given.
keys_with() { sed -n '/^ *"environment": {/,/^ *}/s/^ *"\([^"]*\)": "'"$1"'",\{0,1\}$/\1/p' | tr '\n' ' '; }

# Keys that the release cannot do without.
required_keys() {
  if [[ -s $dir/required ]]; then
    cat "$dir/required"
  else
    sed -n 's/^x-required-env: *\[\(.*\)\] *$/\1/p' "$dir/compose.yml" | tr -d '",' | tr "'" ' '
  fi
}

# Wanted only where the release reads it: an application may have none.
environment_file() {
  local keys key said names empty lacking='' without='' file name
  environment_of "$dir"
  file=$REPLY name=$(environment_name "$file")
  keys=$(required_keys)
  if [[ ! -e $file ]]; then
    # shellcheck disable=SC2016
    if [[ -n $keys ]] || grep -qF -e '${ENV_FILE' -e "$file" "$dir/compose.yml"; then
      fail "$NOT_READY" "the environment file $name is missing: write it, with mode 0600"
    fi
    return 0
  fi
  [[ ! -d $file ]] || fail "$NOT_READY" "$name is a folder, and the environment file should be there: docker makes one where a file is mounted that does not exist"
  [[ -r $file ]] || fail "$NOT_READY" "the environment file $name cannot be read"
  ! grep -q $'\r' "$file" || object "the environment file $name has Windows line ends"
  said=$(read_environment "$file") || fail "$NOT_READY" "$(fault_of "$said" "$name")"
  names=" $(printf '%s\n' "$said" | keys_with '.*')" empty=" $(printf '%s\n' "$said" | keys_with '')"
  for key in $keys; do
    if [[ $names != *" $key "* ]]; then lacking+=" $key"; elif [[ $empty == *" $key "* ]]; then without+=" $key"; fi
  done
  [[ -z $lacking ]] || object "keys missing in $name:$lacking"
  [[ -z $without ]] || object "keys without a value in $name:$without"
  lost_values "$said" "$file" "$name"
}

# Why compose cannot read the file. Its own words quote what stands there.
fault_of() {
  if [[ $1 =~ line\ ([0-9]+): ]]; then
    printf '%s' "compose cannot read line ${BASH_REMATCH[1]} of $2: write NAME=value, or NAME='value' where the value has a # or a quotation mark"
  elif [[ $1 == *"nvalid template"* ]]; then
    # shellcheck disable=SC2016
    printf '%s' "compose cannot read $2: a value has a \${ that does not end; put that value in single quotes"
  elif [[ $1 =~ required\ variable\ ([A-Za-z0-9_]+)\ is\ missing ]]; then
    printf '%s' "compose cannot read $2: a value wants the variable ${BASH_REMATCH[1]}, which is not set there before it"
  else
    printf '%s' "compose cannot read the environment file $2"
  fi
}

# A $ begins a variable, and compose puts nothing in the place of one that it does not know. What it warns of is the piece of
# a value; the keys are those whose values are others once it is set.
lost_values() {
  local name set=() lost file=$2
  for name in $(printf '%s\n' "$1" | sed -n 's/.*The \\"\([A-Za-z0-9_]*\)\\" variable is not set.*/\1/p'); do set+=("$name=threads"); done
  ((${#set[@]})) || return 0
  lost=$(awk 'NR == FNR { seen[$0] = 1; next } /^ *"environment": \{/ || !($0 in seen)' \
    <(printf '%s\n' "$1") <(read_environment "$file" "${set[@]}") | keys_with '.*')
  object "in $3 a piece of these values gets lost, since a \$ begins a variable that is not set: put them in single quotes: ${lost% }"
}
