# Names of environments or services in threads.yml, a line each: what stands right below the key, or between its brackets.
# With neither an apostrophe nor a backslash: every shell quotes it alike.
function say(word) {
  sub(/^[^A-Za-z0-9]+/, "", word)
  sub(/[^A-Za-z0-9._-].*$/, "", word)
  if (word != "") print word
}
/^ *(#.*)?$/ { next }
/^[^ -]/ {
  inside = index($0, wanted ":") == 1; depth = -1
  if (!inside || !match($0, /[[{].*[]}]/)) next
  list = substr($0, RSTART + 1, RLENGTH - 2)
  while (gsub(/[{][^{}]*[}]/, "", list)) continue
  count = split(list, words, ",")
  for (place = 1; place <= count; place++) say(words[place])
  inside = 0
}
inside {
  match($0, /^ */)
  if (depth < 0) depth = RLENGTH
  if (RLENGTH == depth) say($0)
}
