#!/bin/bash
# shellcheck disable=SC2034,SC2153,SC2154 # one of the parts of a script: what it sets or uses, another one uses or sets
# Reads only: what the containers have said that serve, from where CURSORS ("id time lines") or SINCE or the last TAIL lines
# begin. A cursor is the last moment of which lines were taken, and how many there were of it.
ids=() names=() services=() states=()
declare -A at=() skip=()
for cursor in "${CURSORS[@]}"; do
  id=${cursor%% *} cursor=${cursor#* }
  at[$id]=${cursor% *} skip[$id]=${cursor#* }
done
# What is being written has its time already, and is not there yet: a moment later nothing can come before what is.
until=$(date -d "-$SETTLE seconds" +%FT%T.%NZ)

is_wanted() { ((${#SERVICES[@]} == 0)) || [[ " ${SERVICES[*]} " == *" $1 "* ]]; }

# Of the slot that serves and of what runs once; and what has served before, as long as it is there: its last words count.
find_containers() {
  local rows serving service oneoff id name _
  look_where_it_serves
  # shellcheck disable=SC2119
  serving=$(project_containers) || return 1
  projects=("$APP" "$APP-blue" "$APP-green" "$APP-base")
  rows=$(container_rows) || return 1
  while IFS='|' read -r service oneoff id name _; do
    [[ -n $id && $oneoff != True ]] || continue
    is_wanted "$service" || continue
    [[ $serving == *"$id"* || -n ${at[${id:0:12}]+set} ]] || continue
    ids+=("$id") names+=("${name#/}") services+=("$service") states+=(read)
  done < <(printf '%s\n' "$rows")
}

# $1: number of the container; then words for docker.
rows_of() {
  local id=${ids[$1]} number=$1
  shift
  left
  timeout --foreground -k 1 "$REPLY" docker logs --timestamps "$@" "$id" 2>&1 </dev/null | tr -d '\000' |
    awk -v number="$number" -v at="${at[${id:0:12}]-}" -v skip="${skip[${id:0:12}]-0}" -v until="$until" \
      -v most="$MOST" -v most_bytes="$MOST_BYTES" -v most_text="$MOST_TEXT" "$ROWS_AWK"
}

# The last lines are read from the end of the file; only where those are not all that is wanted, docker reads all of it. Then
# what there is of it when the time is up is its beginning.
read_container() {
  local id=${ids[$1]} since status=0 rows='' came how=()
  since=${at[${id:0:12}]-$SINCE}
  [[ -z $since ]] || how=(--since "$since")
  if [[ -z ${at[${id:0:12}]-} ]] && ((TAIL)); then
    rows=$(rows_of "$1" "${how[@]}" --tail "$TAIL") || status=$?
  else
    rows=$(rows_of "$1" "${how[@]}" --tail $((MOST + 1))) || status=$?
    IFS=$'\t' read -r _ _ came _ < <(printf '%s\n' "${rows##*$'\n'}")
    if ((status == 0 && came > MOST)); then
      rows=$(rows_of "$1" "${how[@]}") || status=$?
      if ((status == 124 || status == 137)); then printf '%s\t%s\n' "$rows" late; return; fi
    fi
  fi
  case $status in
  0) printf '%s\t%s\n' "$rows" read; return ;;
  124 | 137) status=late ;;
  # It may have gone away meanwhile.
  *) if timeout --foreground -k 1 5 docker inspect --type container "$id" >/dev/null 2>&1 </dev/null; then status=unreadable; else status=gone; fi ;;
  esac
  printf '~\t%d\t0\t0\t0\t-\t%s\n' "$1" "$status"
}

# Where the next command goes on, for each container: "number time lines", lines 0 for the first that is still to come.
ends() {
  awk -F '\t' -v taken="$1" '$1 == "" { next } NR <= taken { count[$2] = $1 == last[$2] ? count[$2] + 1 : 1; last[$2] = $1; next }
    !($2 in last) { last[$2] = $1; count[$2] = 0 }
    END { for (n in last) print n, last[n], count[n] }'
}

containers_json() {
  local n id time count list='' none
  local -A to=()
  while read -r n time count; do
    [[ -n $n ]] || continue
    id=${ids[n]:0:12}
    if ((count)) && [[ $time == "${at[$id]-}" ]]; then count=$((count + skip[$id])); fi
    if ((count)) || [[ -z ${at[$id]-} ]]; then to[$n]="$time $count"; fi
  done < <(printf '%s\n' "$1")
  for n in "${!ids[@]}"; do
    id=${ids[n]:0:12} none="$until 0"
    # Of what could not be read nothing is passed over.
    [[ ${states[n]} == read ]] || none=''
    time=${to[$n]-${at[$id]+${at[$id]} ${skip[$id]}}}
    time=${time:-$none}
    json_texts "${services[n]}" "${names[n]}"
    list+="${list:+,}{\"id\":\"$id\",\"service\":${quoted[0]},\"name\":${quoted[1]},\"state\":\"${states[n]}\",\"cursor\":\"${time:+$id $time}\"}"
  done
  printf '[%s]' "$list"
}

[[ -z $missing ]] || answer lacking
can_search || answer bad-pattern
find_containers || answer no-docker
all=$(for n in "${!ids[@]}"; do read_container "$n"; done | sort -s -t $'\t' -k 1,1)
# What no room was for in a container, or no time, comes later: until then nothing is shown that came after it.
total=0 limit='' late=false
while IFS=$'\t' read -r _ n _ wanted kept missing_from state; do
  [[ -n $n ]] || continue
  states[n]=$state total=$((total + wanted))
  if [[ $state == late ]]; then late=true; elif ((kept == wanted)); then continue; fi
  [[ $missing_from == - || -n $limit && ! $missing_from < $limit ]] || limit=$missing_from
done < <(printf '%s\n' "$all" | grep '^~' || true)
# Each of them has as many lines as are wanted of all together.
drop=0
if ((TAIL && total > TAIL)); then drop=$((total - TAIL)); fi
found=$(printf '%s\n' "$all" | awk -F '\t' '$1 != "" && $1 != "~"')
rows=$(printf '%s\n' "$found" | awk -F '\t' -v limit="$limit" '$1 != "" && (limit == "" || $1 < limit)')
# What is told of each container needs room, too.
ROOM=$((ROOM > 240 * ${#ids[@]} + 12000 ? ROOM - 240 * ${#ids[@]} : 12000))
take "$drop" || answer hidden
left=$((total - drop - taken)) up_to=$until
if ((left)); then up_to=$(printf '%s\n' "$found" | awk -F '\t' -v at=$((drop + taken)) 'NR == at { print $1 }'); fi
# shellcheck disable=SC2119
facts=$(printf '"until":"%s","upTo":"%s","services":%s,"left":%d,"late":%s,"lines":%d,"containers":%s' \
  "$until" "$up_to" "$(services_json)" "$left" "$late" "$lines" "$(containers_json "$(printf '%s\n' "$found" | ends $((drop + taken)))")")
answer read "$facts" "$payload"
