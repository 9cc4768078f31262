# The forms first, longest first; then the log. A mask stands for one byte meanwhile, so that no form finds another one in it.

function hidden(line, form, whole,   out, at, before, after) {
  while ((at = index(line, form)) > 0) {
    before = at > 1 ? substr(line, at - 1, 1) : substr(out, length(out), 1)
    after = substr(line, at + length(form), 1)
    if (whole && (before ~ /[A-Za-z0-9]/ || after ~ /[A-Za-z0-9]/)) out = out substr(line, 1, at)
    else { out = out substr(line, 1, at - 1) "\001"; at += length(form) - 1 }
    line = substr(line, at + 1)
  }
  return out line
}
NR == FNR {
  split($0, parts, "\t")
  whole[++count] = parts[2] == "word"
  forms[count] = substr($0, length(parts[1]) + length(parts[2]) + 3)
  next
}
{
  gsub(/\033\[[0-9;?]*[A-Za-z]|[\r\001]/, "")
  for (i = 1; i <= count; i++) if (index($0, forms[i]) > 0) $0 = hidden($0, forms[i], whole[i])
  gsub(/\001/, "[redacted]")
  print
}
