# Each secret in the forms in which programs print it: `length<TAB>word or any<TAB>form`.

BEGIN {
  for (i = 1; i < 256; i++) code[sprintf("%c", i)] = i
  digits64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
}
function put(form, kind) {
  if (length(form) < 3 || (form in known)) return
  known[form] = 1
  print length(form) "\t" kind "\t" form
}
function percent_encode(text, safe, format,   out, i, c) {
  for (i = 1; i <= length(text); i++) {
    c = substr(text, i, 1)
    out = out (c ~ /[A-Za-z0-9_.~-]/ || index(safe, c) > 0 ? c : sprintf(format, code[c]))
  }
  return out
}
# Base64 of a text in which this one begins at byte `skip` of three: those digits that depend on it alone.
function base64(text, skip,   bytes, n, i, bits, out) {
  bytes = substr("xx", 1, skip) text
  n = int(length(bytes) * 8 / 6)
  bytes = bytes "xx"
  for (i = 1; i + 2 <= length(bytes); i += 3) {
    bits = code[substr(bytes, i, 1)] * 65536 + code[substr(bytes, i + 1, 1)] * 256 + code[substr(bytes, i + 2, 1)]
    out = out substr(digits64, int(bits / 262144) + 1, 1) substr(digits64, int(bits / 4096) % 64 + 1, 1) \
      substr(digits64, int(bits / 64) % 64 + 1, 1) substr(digits64, bits % 64 + 1, 1)
  }
  i = skip == 0 ? 1 : skip + 2
  return substr(out, i, n - i + 1)
}
function replaced(text, what, by,   out, at) {
  while ((at = index(text, what)) > 0) { out = out substr(text, 1, at - 1) by; text = substr(text, at + length(what)) }
  return out text
}
# As JSON writes what is not ASCII; the text is UTF-8.
function ascii_json(text,   out, i, n, point, more) {
  for (i = 1; i <= length(text); i++) {
    n = code[substr(text, i, 1)]
    if (n < 192) { out = out substr(text, i, 1); continue }
    more = n < 224 ? 1 : n < 240 ? 2 : 3
    point = n % (more == 1 ? 32 : more == 2 ? 16 : 8)
    while (more-- > 0) point = point * 64 + code[substr(text, ++i, 1)] % 64
    if (point < 65536) out = out sprintf("\\u%04x", point)
    else out = out sprintf("\\u%04x\\u%04x", 55296 + int((point - 65536) / 1024), 56320 + (point - 65536) % 1024)
  }
  return out
}
{
  # A short value within a longer word is chance.
  put($0, length($0) < 6 ? "word" : "any")
  if (length($0) < 5) next
  n = split("%%%02X %%%02x", formats, " ")
  for (i = 1; i <= n; i++) {
    put(percent_encode($0, "", formats[i]), "any")
    put(percent_encode($0, "/", formats[i]), "any")
    put(replaced(percent_encode($0, " ", formats[i]), " ", "+"), "any")
    put(percent_encode($0, "!*()\047", formats[i]), "any")
    put(percent_encode($0, ":/?#[]@!$&()*+,;=\047", formats[i]), "any")
  }
  for (skip = 0; skip < 3; skip++) {
    form = base64($0, skip)
    put(form, "any")
    put(replaced(replaced(form, "+", "-"), "/", "_"), "any")
  }
  slashes = replaced($0, "\\", "\\\\")
  put(slashes, "any")
  quotes = replaced(slashes, "\"", "\\\"")
  put(quotes, "any")
  put(replaced(quotes, "/", "\\/"), "any")
  put(ascii_json(quotes), "any")
  put(ascii_json(replaced(quotes, "/", "\\/")), "any")
  put(replaced(slashes, "\047", "\\\047"), "any")
  put(replaced($0, "\047", "\047\\\047\047"), "any")
  n = split("& < > = +", signs, " ")
  form = quotes
  for (i = 1; i <= n; i++) {
    form = replaced(form, signs[i], sprintf("\\u%04x", code[signs[i]]))
    # Go stops after the third, others go on.
    if (i >= 3) put(form, "any")
  }
  form = replaced(replaced(replaced(replaced($0, "&", "&amp;"), "<", "&lt;"), ">", "&gt;"), "\"", "&quot;")
  put(form, "any")
  put(replaced(form, "\047", "&#x27;"), "any")
  put(replaced(form, "\047", "&#39;"), "any")
}
