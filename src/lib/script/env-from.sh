#!/bin/bash
# shellcheck disable=SC2034,SC2153,SC2154 # one of the parts of a script: what it sets or uses, another one uses or sets
# An environment file that the host makes itself, from Parameter Store or Secrets Manager, by its own role. Each release keeps
# the one that it was deployed with: `environment` leads from its directory to environments/<deployment>, with the file (env),
# where it is from (from) and which version of what (versions). Names and versions are told, values never.

# What the release of this deployment is about to get: one of its environments, or none, which is the host's own file. Empty
# before that is known, and once it has it.
chosen=''

# The environment file of a release, into REPLY.
environment_of() {
  local which=environment
  [[ -z $chosen || ! $1 -ef $dir ]] || which=$chosen
  REPLY=$1/$which/env
  [[ -e $REPLY ]] || REPLY=$ENV_FILE
}

# What a person calls that file.
environment_name() {
  if [[ $1 == "$ENV_FILE" ]]; then printf '%s' "$ENV_FILE"; else cat "${1%/env}/from"; fi
}

# The environment that this release has had here; nothing where that was the host's own file, or it has never served.
kept_environment() {
  local kept
  kept=$(readlink "$dir/environment") || return 0
  [[ ! -s $dir/$kept/env ]] || printf '%s' "$kept"
}

# Gone back to is a release with its environment as it was: no store is asked, which may have gone with what went wrong.
as_it_was() {
  ((AS_IT_WAS)) && [[ -s $dir/record ]] || return 1
  chosen=$(kept_environment)
  if [[ -z $chosen ]]; then chosen=none; fi
  [[ $chosen != none || -z $ENV_FROM || -e $ENV_FILE ]]
}

make_environment() {
  local why='' kept
  if as_it_was; then return 0; fi
  chosen=none
  [[ -n $ENV_FROM ]] || return 0
  enter environment "$NOT_READY" "the environment could not be made"
  chosen=environments/$NUMBER
  # After a reboot the same order comes again: a deployment has one environment.
  if [[ -e $dir/$chosen/versions ]] || fetch_environment; then return 0; fi
  why="the environment cannot be made from $ENV_FROM: $why"
  kept=$(kept_environment)
  [[ -s $dir/record && -n $kept ]] || fail "$NOT_READY" "$why"
  chosen=$kept
  warn "$why; the release gets the one that it has had here"
}

# Of what a release has failed with: from what its environment was made, and whether the host's own file is another one than
# what runs came up with. As keys of JSON; null what is not known.
tried='"environmentTried":null,"environmentChanged":null'
tried_environment() {
  local sum='' file='' changed=null
  if [[ $chosen == none && $previous != none && -r $ENV_FILE ]]; then
    read -r sum file < <(cat "$ROOT/releases/$previous/environment.sum" 2>/dev/null) || true
    [[ $file != "$ENV_FILE" ]] || if [[ $(sha256sum <"$ENV_FILE") == "$sum "* ]]; then changed=false; else changed=true; fi
  fi
  tried="\"environmentTried\":$(made_json "$dir/$chosen"),\"environmentChanged\":$changed"
}

# It is whole when it gets its name.
fetch_environment() {
  local new=$dir/environments/.new.$NUMBER
  rm -rf "$new"
  mkdir -p "$new" || { why="$new cannot be written"; return 1; }
  if collect "$new" && printf '%s\n' "$ENV_FROM" >"$new/from" && sync "$new"/*; then
    rm -f "$new/said"
    mv -T "$new" "$dir/$chosen" && return 0
  fi
  free_kb "$ROOT"
  [[ -n $why ]] || why="$new cannot be written ($REPLY KiB are free under $ROOT)"
  rm -rf "$new"
  return 1
}

# Text by way of to_string: a line of plain ASCII for each, whatever the values are and whatever the locale is.
# shellcheck disable=SC2016 # backticks of nobody's
collect() {
  local kind=path said status=0 told
  if [[ $ENV_FROM == secretsmanager:* ]]; then
    kind=secret
    said=$(ask_aws "$1" secretsmanager get-secret-value --secret-id "${ENV_FROM#*:}" \
      --query '[to_string([VersionId,SecretString])]') || status=$?
  else
    # It asks for page after page by itself.
    said=$(ask_aws "$1" ssm get-parameters-by-path --path "$ENV_FROM" --with-decryption \
      --query 'Parameters[].[to_string([Name,Version,Value])]') || status=$?
  fi
  ((status == 0)) || { why=$(not_given "$kind" "$status" "$(cat "$1/said")"); return 1; }
  told=$(printf '%s\n' "$said" | LC_ALL=C awk -v from="$kind" -v others="$ENV_OTHERS" -v file="$1/env" \
    -v versions="$1/versions" "$JSON_AWK"$'\n'"$VALUES_AWK") || status=$?
  case $status in
  0) return 0 ;;
  3) if [[ $kind == path ]]; then why="there is no parameter directly below it"; else why="the secret is empty"; fi ;;
  *) why=$told ;;
  esac
  return 1
}

ask_seconds=60
ask_aws() {
  local at=$1 region=${REGION:-${AWS_SSM_REGION_NAME:-}}
  shift
  # A secret that is named in full says where it is.
  [[ $ENV_FROM != secretsmanager:arn:* ]] || region=$(printf '%s' "$ENV_FROM" | cut -d : -f 5)
  AWS_PAGER='' AWS_RETRY_MODE=standard AWS_MAX_ATTEMPTS=8 timeout --foreground -k 5 "$ask_seconds" \
    aws "$@" --output text ${region:+--region "$region"} 2>"$at/said" 9>&-
}

# By what AWS has said, in which there are no values.
not_given() {
  local action=ssm:GetParametersByPath said=$3
  [[ $1 == path ]] || action=secretsmanager:GetSecretValue
  if [[ $said =~ not\ authorized\ to\ perform:\ ([a-z]+:[A-Za-z]+) ]]; then
    printf '%s' "the role of this host lacks ${BASH_REMATCH[1]} on it"
  elif [[ $said =~ KMS|kms|ciphertext|DecryptionFailure|InvalidKeyId ]]; then
    printf '%s' "the role of this host lacks kms:Decrypt on the key of what is there"
  elif [[ $said =~ AccessDenied ]]; then
    printf '%s' "the role of this host lacks $action on it"
  elif [[ $said =~ ResourceNotFound ]]; then
    printf '%s' "there is no such secret"
  elif [[ $said =~ [Uu]nable\ to\ locate\ credentials|NoCredentials ]]; then
    printf '%s' "this host has no role: give it an instance profile that allows $action"
  elif [[ $said =~ Throttling|TooManyRequests|Rate\ exceeded ]]; then
    printf '%s' "AWS takes no more requests for now: deploy again"
  elif (($2 == 127)); then
    printf '%s' "this host has no aws: install the AWS CLI, version 2"
  elif (($2 == 124 || $2 == 137)); then
    printf '%s' "AWS has not answered within $ask_seconds s"
  else
    printf '%s' "aws ended with $2: $(printf '%s\n' "$said" | grep -v '^ *$' | tail -n 1)"
  fi
}

# Told before anything is pulled.
need_aws() {
  [[ -n $ENV_FROM ]] && ! type -P aws >/dev/null || return 0
  if ((AS_IT_WAS)) && [[ -s $dir/record ]]; then return 0; fi
  object "this host has no aws, by which the environment is made from $ENV_FROM: install the AWS CLI, version 2"
}

point_environment() {
  if [[ $2 == none ]]; then rm -f "$1/environment"; else ln -sfn "$2" "$1/environment.new" && mv -fT "$1/environment.new" "$1/environment"; fi
}

# From here on the release has it; what it had before is on record for the way back.
take_environment() {
  local before
  [[ -n $chosen ]] || return 0
  before=$(readlink "$dir/environment") || before=none
  if [[ $before != "$chosen" ]]; then
    note "$mark.environment" "$before $chosen" || unrecorded "$mark.environment"
    point_environment "$dir" "$chosen"
  fi
  chosen=''
}

# Whether what serves is of the release that is gone back to, and not of its environment.
has_other_environment=0
put_back_environment() {
  local before
  chosen=''
  is_release "$SHORT" && [[ -e $mark.environment ]] || return 0
  recorded "$mark.environment" '(environments/[0-9]+|none) (environments/[0-9]+|none)' || return 1
  before=${REPLY% *}
  if [[ $SHORT == "$previous" && $before != "${REPLY#* }" ]]; then has_other_environment=1; fi
  [[ ! -d $ROOT/releases/$SHORT ]] || point_environment "$ROOT/releases/$SHORT" "$before"
}

# One that was fetched for nothing is nobody's. What a program has said with it stays, masked as long as its values are known.
drop_environment() {
  [[ $chosen == "environments/$NUMBER" && $(readlink "$dir/environment") != "$chosen" ]] || return 0
  [[ -z ${secrets+set} ]] || mask <"$log" | write "$ROOT/log/$NUMBER.masked" || true
  rm -rf "${dir:?}/$chosen" || true
}

# Of each release the one that it has, and what a deployment leads back to that may still be taken back.
prune_environments() {
  local at name
  for at in "$ROOT"/releases/*/environments/*; do
    name=environments/${at##*/}
    [[ ! -d $at || $(readlink "${at%/environments/*}/environment") == "$name" ]] ||
      grep -qs "^$name " "$ROOT"/deployments/*.environment || rm -rf "$at"
  done
}
