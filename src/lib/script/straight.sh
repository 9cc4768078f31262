#!/bin/bash
# shellcheck disable=SC2034,SC2153,SC2154 # one of the parts of a script: what it sets or uses, another one uses or sets
# Straight back into a slot that is whole. Where nothing has changed of what its containers were made from, they are started
# again: nothing is fetched, made or examined that was found good when it served. Anything else takes the long way.
# What has served here is known to come up, so that its workers need not before the switch.

straight=0

# Of all that compose makes the containers of a release from; into REPLY.
made_from() {
  local sum
  environment_of "$1"
  sum=$({ cat "$1/images.env" "$1/images.list" && { cat "$REPLY" 2>/dev/null || true; }; } | sha256sum) && REPLY=${sum%% *}
}

# What has come to serve is whole. Without this record the way back is longer, and nothing else.
note_whole() {
  ! has_slots "$1" || { made_from "$1" && note "$1/whole" "$REPLY $edge"; } || true
}

# As it was noted, and behind the same edge.
is_whole() {
  local made before=''
  { read -r made before <"$1/whole"; } 2>/dev/null || return 1
  made_from "$1" && [[ -n $before && $made == "$REPLY" ]] && edges | grep -qxF "$before" || return 1
  edge=$before
}

# Whether the order names just what this release is here.
as_ordered() {
  local pair images
  [[ $(cat "$dir/complete" 2>/dev/null) == "${BUNDLE##*@}" && $(cat "$dir/images.env" 2>/dev/null) == "$VARIABLES" ]] || return 1
  images=$(cat "$dir/images.list") || return 1
  for pair in $IMAGES; do has_line "$images" "$pair" || return 1; done
}

# The other slot has it; and no migration of an earlier run is still at work, which the long way waits for.
is_straight() {
  local earlier projects=("${all_projects[@]}")
  ((AS_IT_WAS)) && [[ -z $MIGRATE && -s $dir/record ]] && has_slots "$dir" && as_ordered && as_it_was || return 1
  choose_slot
  ! slot_serves && slot_of "$SHORT" && [[ $REPLY == "$slot" ]] && is_whole "$dir" || return 1
  earlier=$(project_containers --filter label=com.docker.compose.oneoff=True) && [[ -z $earlier ]]
}

# Its services but those that do not run, or not yet: those who ask come first, and what takes its work from a queue comes up
# once they have the release. What an earlier run has come to is gone on from.
restart_slot() {
  local at=$1 revision=$2 limit=$3 id service state replicas ending made=' ' up=' ' over='' _
  base_up "$at" && connect_base "$at" "$slot" || return 1
  settle_ends "$slot" && see_made "$slot" || return 1
  while read -r id service state; do
    made+="$service "
    # Also what comes up again and again, or stands still.
    [[ $state == exited || $state == created ]] || up+="$service "
  done < <(printf '%s\n' "${made_in[$slot]}")
  wait_singletons
  for service in $WORKERS; do [[ $made != *" $service "* || $up == *" $service "* ]] || absent+=" $service"; done
  know_expected "$at"
  while read -r service; do
    expect "$service"
    [[ $made == *" $service "* || $replicas == 0 || $replicas == any || " $ABSENT " == *" $service "* ]] || return 1
    if is_absent "$service" && [[ $up == *" $service "* ]]; then over+=" $service"; fi
  done <"$at/own-services"
  own_port "$at"
  ask=$REPLY
  moment
  began=$REPLY
  # shellcheck disable=SC2086
  stop_services "$slot" $over || return 1
  if is_warm "$at" && look "$at" && answers_as "$revision"; then return 0; fi
  # shellcheck disable=SC2046
  start_services "$at" $(present "$at") && verify "$at" "$revision" "$limit" && warm
}

# What has been up here before need not show again for how long it stays up.
take_straight_way() {
  local limit steady=0
  enter switch "$BROUGHT_BACK" "the release did not come up again"
  begin_switch
  start_counting
  changed=true
  left
  limit=$((REPLY < HEALTH_TIMEOUT ? REPLY : HEALTH_TIMEOUT))
  if ! restart_slot "$dir" "$REVISION" "$limit"; then
    say "not straight: ${wrong:-its slot is not whole}"
    return
  fi
  straight=1
  take_over "$dir" "$REVISION" || fail "$BROUGHT_BACK" "the release did not serve again: ${wrong:-$(reason)}"
  pass_on_singletons "$limit"
}
