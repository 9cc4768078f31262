# JSON in awk, byte by byte; the text is UTF-8.

function hex_value(digits,   i, value) {
  for (i = 1; i <= length(digits); i++) value = value * 16 + index("0123456789abcdef", tolower(substr(digits, i, 1))) - 1
  return value
}
function utf8(point) {
  if (point < 128) return sprintf("%c", point)
  if (point < 2048) return sprintf("%c%c", 192 + int(point / 64), 128 + point % 64)
  if (point < 65536) return sprintf("%c%c%c", 224 + int(point / 4096), 128 + int(point / 64) % 64, 128 + point % 64)
  return sprintf("%c%c%c%c", 240 + int(point / 262144), 128 + int(point / 4096) % 64, 128 + int(point / 64) % 64, 128 + point % 64)
}
# What stands between the quotation marks of a JSON string.
function json_decode(text,   out, at, c, point) {
  while ((at = index(text, "\\")) > 0) {
    out = out substr(text, 1, at - 1)
    c = substr(text, at + 1, 1)
    text = substr(text, at + 2)
    if (c == "u") {
      point = hex_value(substr(text, 1, 4))
      text = substr(text, 5)
      # Above the first 65,536 characters JSON writes two of them for one.
      if (point >= 55296 && point < 56320 && text ~ /^\\u[dD][c-fC-F]/) {
        point = 65536 + (point - 55296) * 1024 + hex_value(substr(text, 3, 4)) - 56320
        text = substr(text, 7)
      }
      out = out utf8(point)
    }
    else if (c == "n") out = out "\n"
    else if (c == "r") out = out "\r"
    else if (c == "t") out = out "\t"
    else if (c == "b") out = out "\b"
    else if (c == "f") out = out "\f"
    else out = out c
  }
  return out text
}
