# How many of Celery's tasks a worker had received and not ended when its log ends: the lines that it writes by default.
match($0, /Task [^ ]+ (received|succeeded|failed|raised|retry|ignored|rejected)/) {
  split(substr($0, RSTART, RLENGTH), word, " ")
  if (word[3] == "received") open[word[2]] = 1
  else delete open[word[2]]
}
END {
  for (task in open) n++
  print n + 0
}
