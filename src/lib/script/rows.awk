# What docker prints of the container `number`, with times, as rows: time, number, how many bytes of the text were cut off,
# text. Last one that counts: ~, number, lines that came, lines wanted, rows above, and the time from which on rows are missing.
# Wanted is what is no later than `until`, but for the first `skip` lines of the moment `at`, which were taken before.
BEGIN { OFS = "\t" }
{
  space = index($0, " ")
  time = space > 0 ? substr($0, 1, space - 1) : $0
  # Docker's own words.
  if (time !~ /^[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9:]+\.[0-9]+Z$/) next
  came++
  # Once it is there docker gives all that follows, also what has an earlier time: two streams write into one file.
  if (time < at || time == at && skip-- > 0) next
  if (time > until) next
  wanted++
  if (rows >= most || bytes > most_bytes) {
    if (missing == "" || time < missing) missing = time
    next
  }
  text = space > 0 ? substr($0, space + 1) : ""
  # Docker keeps a line of more than 16 KiB in pieces, and prints the time before each of them.
  while ((again = index(text, time " ")) > 0) text = substr(text, 1, again - 1) substr(text, again + length(time) + 1)
  over = length(text) - most_text
  if (over > 0) text = substr(text, 1, most_text)
  print time, number, (over > 0 ? over : 0), text
  rows++
  bytes += length(text)
  last = time
}
END { print "~", number, came + 0, wanted + 0, rows + 0, missing != "" ? missing : last != "" ? last : "-" }
