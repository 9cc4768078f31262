# Rows of which the text has been masked, as they are shown: which row it is, its second and first column, the text. What is
# too long is cut; where a piece of it had been cut off before, half a value at the edge could not be told from a word.
BEGIN { FS = "\t" }
{
  text = substr($0, length($1) + length($2) + length($3) + 4)
  room = $3 > 0 && length(text) - longest < most ? length(text) - longest : most
  if (room < 0) room = 0
  over = length(text) - room
  if (over > 0 || $3 > 0) text = substr(text, 1, room) " … " (over > 0 ? over : 0) + $3 " bytes more"
  print NR "\t" $2 "\t" $1 "\t" text
}
