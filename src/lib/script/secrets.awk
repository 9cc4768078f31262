# compose's JSON on stdin: what must not be shown, a text a line, since what spans lines is shown line by line.

# Words of this kind are no secrets, and a log without them says nothing.
BEGIN {
  n = split("true false yes no on off none null development production staging test testing debug info warning " \
    "error critical localhost 127.0.0.1 0.0.0.0 utc", words, " ")
  for (i = 1; i <= n; i++) harmless[words[i]] = 1
}
# A byte that is no UTF-8 comes from compose as U+FFFD: the pieces around it are hidden.
function secret(text,   lines, n, i, line) {
  n = split(text, lines, /[\r\n]+|\357\277\275/)
  for (i = 1; i <= n; i++) {
    line = lines[i]
    gsub(/^[ \t]+|[ \t]+$/, "", line)
    if (length(line) >= 3 && !(tolower(line) in harmless)) print line
  }
}
function percent_decode(text,   out, at) {
  while (match(text, /%[0-9A-Fa-f][0-9A-Fa-f]/)) {
    out = out substr(text, 1, RSTART - 1) sprintf("%c", hex_value(substr(text, RSTART + 1, 2)))
    text = substr(text, RSTART + 3)
  }
  return out text
}
# The password of each address; what stands there without one is the secret itself, such as the key of a DSN.
function in_addresses(text,   user, at) {
  while (match(text, /[A-Za-z][A-Za-z0-9+.-]*:\/\/[^ \/]*@/)) {
    user = substr(text, RSTART, RLENGTH - 1)
    text = substr(text, RSTART + RLENGTH)
    sub(/^[^:]*:\/\//, "", user)
    if ((at = index(user, ":")) > 0) user = substr(user, at + 1)
    secret(user)
    secret(percent_decode(user))
  }
}
# `password=…` within a longer value: connection strings, queries of addresses.
function in_pairs(text, separators,   parts, n, i, at) {
  n = split(text, parts, separators)
  if (n < 2) return
  for (i = 1; i <= n; i++) {
    at = index(parts[i], "=")
    if (at == 0 || tolower(substr(parts[i], 1, at - 1)) !~ /pass|pwd|secret|token|key|sig|auth|cred/) continue
    secret(substr(parts[i], at + 1))
    secret(percent_decode(substr(parts[i], at + 1)))
  }
}
# A value that is JSON, such as the credentials of a service account, is used piece by piece.
function in_json(text,   piece) {
  if (text !~ /^[ \t\r\n]*[\[{]/) return
  while (match(text, /"([^"\\]|\\.)*"/)) {
    piece = substr(text, RSTART + 1, RLENGTH - 2)
    text = substr(text, RSTART + RLENGTH)
    if (text !~ /^[ \t\r\n]*:/ && length(piece) >= 6) secret(json_decode(piece))
  }
}
/^ *"environment": \{/ { inside = 1; next }
/^ *\}/ { inside = 0 }
inside && match($0, /^ *"([^"\\]|\\.)*": "/) {
  value = substr($0, RLENGTH + 1)
  sub(/",?$/, "", value)
  value = json_decode(value)
  # A dollar is written twice there.
  gsub(/\$\$/, "$", value)
  secret(value)
  in_addresses(value)
  in_pairs(value, "[;&? ]+")
  in_pairs(value, "[,;&? ]+")
  in_json(value)
}
