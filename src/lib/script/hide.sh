#!/bin/bash
# shellcheck disable=SC2034,SC2153,SC2154 # one of the parts of a script: what it sets or uses, another one uses or sets
# What must not leave a host: every value of the application's environment, as compose reads it.

# What compose makes of a file, as JSON, after its complaints. With NAME=VALUE: as if those were set.
read_environment() {
  local file=${1//'$'/'$$'}
  shift
  json_text "$file"
  printf '{"services":{"values":{"image":"none","env_file":[%s]}}}' "$REPLY" |
    timeout --foreground -k 5 20 env -i HOME="$HOME" PATH="$PATH" "$@" \
      docker compose -p "$APP" --project-directory / -f - config --format json 2>&1 9>&-
}

# Of these files. Fails where compose cannot read one of them: then nobody knows what to hide. An application without any
# has no secrets in it.
learn_secrets() {
  local file read sum values='' found seen=' '
  for file; do
    [[ -e $file ]] || continue
    sum=$(sha256sum <"$file") || return 1
    [[ $seen != *" $sum "* ]] || continue
    seen+="$sum "
    read=$(read_environment "$file") || return 1
    [[ $read == *'"services"'* ]] || return 1
    values+=$read$'\n'
  done
  found=$(printf '%s' "$values" | awk "$JSON_AWK"$'\n'"$SECRETS_AWK" | awk "$FORMS_AWK" | LC_ALL=C sort -t $'\t' -k1,1nr) || return 1
  secrets=$found
}

mask() { timeout --foreground -k 5 60 awk "$MASK_AWK" <(printf '%s\n' "${secrets:-0	any	$unlikely}") -; }
unlikely=$'\002'
