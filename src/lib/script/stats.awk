# "sample second service percent bytes" a line, one a container, in the order of samples → what each service took, as a JSON list:
# mean and peak of the samples in which it ran, and a point for every `wide` seconds in which it did: mean percent, most KiB.
function kib(text, number, unit) {
  number = text + 0
  unit = text
  sub(/^[0-9.]+/, "", unit)
  if (unit ~ /^Ki?B$/ || unit ~ /^kB$/) return number
  if (unit ~ /^M/) return number * 1024
  if (unit ~ /^G/) return number * 1048576
  if (unit ~ /^T/) return number * 1073741824
  return number / 1024
}
# Containers of one service count together: replicas, and two slots while one takes over.
function close_sample(service, part) {
  part = int(second / wide)
  for (service in percent) {
    count[service]++
    percents[service] += percent[service]
    sizes[service] += size[service]
    if (percent[service] > most_percent[service]) most_percent[service] = percent[service]
    if (size[service] > most_size[service]) most_size[service] = size[service]
    seen[service, part]++
    part_percents[service, part] += percent[service]
    if (size[service] > part_size[service, part]) part_size[service, part] = size[service]
  }
  if (part > last) last = part
  split("", percent)
  split("", size)
}
NR > 1 && $1 != sample { close_sample() }
{
  sample = $1
  second = $2
  if (!($3 in named)) { named[$3] = 1; order[++services] = $3 }
  percent[$3] += $4
  size[$3] += kib($5)
}
END {
  if (NR) close_sample()
  for (i = 1; i <= services; i++) {
    service = order[i]
    printf "%s{\"service\":\"%s\",\"samples\":%d,\"cpu\":[%.1f,%.1f],\"memory\":[%.0f,%.0f],\"points\":[", (i > 1 ? "," : ""), service, count[service], percents[service] / count[service], most_percent[service], sizes[service] / count[service], most_size[service]
    comma = ""
    for (part = 0; part <= last; part++) {
      if (!((service, part) in seen)) continue
      printf "%s[%d,%.1f,%.0f]", comma, part * wide, part_percents[service, part] / seen[service, part], part_size[service, part]
      comma = ","
    }
    printf "]}"
  }
}
