# What became of Celery's tasks, by the lines that a worker writes by default and docker has dated: whether it is a worker at
# all that tells, how many of them it ended since `since`, and how many it had received and not ended when its log ends.
# Ours, after a log that could not be read to its end: docker dates every line.
$0 == "unread" { unread = 1 }
/[^ ]@[^ ]+ ready[.]/ { tells = 1 }
match($0, /Task [^ ]+ (received|succeeded|failed|raised|retry|ignored|rejected)/) {
  tells = 1
  split(substr($0, RSTART, RLENGTH), word, " ")
  if (word[3] == "received") open[word[2]] = 1
  else {
    delete open[word[2]]
    if ($1 >= since) ended[word[2]] = 1
  }
}
END {
  for (task in ended) finished++
  for (task in open) n++
  print (tells && !unread) + 0, finished + 0, n + 0
}
