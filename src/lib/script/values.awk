# What `aws` has printed, as an environment file from which compose reads exactly these values: `file`, with their names and
# versions in `versions`. Of Parameter Store (from = "path") a line [name, version, value] for each; of Secrets Manager one,
# [version, text of an object]. What cannot be taken is told on stdout by its name, and never by its value.

function wrong(text) {
  print text
  failed = 1
  exit
}
function blanks() { sub(/^[ \t\r\n]+/, "", rest) }
# Whether a sign comes next; it is taken.
function sign(c) {
  blanks()
  if (substr(rest, 1, 1) != c) return 0
  rest = substr(rest, 2)
  return 1
}
# The next text, number, true or false; `taken` says whether there was one.
function plain(   token) {
  blanks()
  taken = 1
  if (match(rest, /^"([^"\\]|\\.)*"/)) {
    token = substr(rest, 2, RLENGTH - 2)
    rest = substr(rest, RLENGTH + 1)
    # No variable can have it.
    nul = token ~ /(^|[^\\])(\\\\)*\\u0000/
    return json_decode(token)
  }
  nul = 0
  if (match(rest, /^(-?[0-9][0-9.eE+-]*|true|false)/)) {
    token = substr(rest, 1, RLENGTH)
    rest = substr(rest, RLENGTH + 1)
    return token
  }
  taken = 0
  return ""
}
function replaced(text, what, by,   out, at) {
  while ((at = index(text, what)) > 0) { out = out substr(text, 1, at - 1) by; text = substr(text, at + length(what)) }
  return out text
}
# Single quotes keep every character but a quote and a backslash at the end. A carriage return is spelt, since older compose
# takes it away before a line's end, and we would take the file for one with Windows line ends.
function quoted(value) {
  if (value !~ /[\r\047]|\\$/) return "\047" value "\047"
  value = replaced(replaced(replaced(value, "\\", "\\\\"), "\"", "\\\""), "$", "\\$")
  return "\"" replaced(value, "\r", "\\r") "\""
}
function put(name, version, value) {
  if (name !~ /^[A-Za-z_][A-Za-z0-9_]*$/) wrong(shown(name) " is no name of a variable: letters, digits and _")
  if (version !~ /^[A-Za-z0-9-]+$/) wrong(name " has no version")
  if (nul) wrong(name " has a NUL in its value, which no variable can have")
  if (!(name in values)) names[++count] = name
  values[name] = value
  pinned[name] = version
}
function shown(name) {
  gsub(/[^!-~]/, "?", name)
  return substr(name, 1, 100)
}

BEGIN { n = split(others, list, " "); for (i = 1; i <= n; i++) other[list[i]] = 1 }
# What a page without anything is printed as.
/^(None)?$/ { next }
{
  rest = $0
  if (!sign("[")) wrong("what aws has printed cannot be read")
}
from == "path" {
  path = plain()
  sign(",")
  version = plain()
  sign(",")
  value = plain()
  if (!taken || !sign("]")) wrong("what aws has printed cannot be read")
  if (path in other) next
  name = path
  sub(/^.*\//, "", name)
  put(name, version, value)
}
from == "secret" {
  version = plain()
  sign(",")
  rest = plain()
  if (!taken) wrong("the secret is no text")
  if (!sign("{")) wrong("the secret is no JSON object of names and values")
  while (!sign("}")) {
    name = plain()
    if (!taken || !sign(":")) wrong("the secret is no JSON object of names and values")
    value = plain()
    if (!taken) wrong(shown(name) " is no text, number, true or false")
    put(name, version, value)
    if (!sign(",") && rest !~ /^[ \t\r\n]*\}/) wrong("the secret is no JSON object of names and values")
  }
}
END {
  if (failed) exit 1
  if (count == 0) exit 3
  for (i = 1; i <= count; i++) {
    print names[i] "=" quoted(values[names[i]]) > file
    print names[i], pinned[names[i]] > versions
  }
  if (close(file) != 0 || close(versions) != 0) exit 2
}
