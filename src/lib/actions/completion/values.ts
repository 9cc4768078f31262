import { codes } from "../../errors/codes.ts";
import { gateNames } from "../../gates/names.ts";
import type { Kind } from "./facts.ts";

/**
 * Names of environments or services in threads.yml, a line each: keys or items right below a key, or between its brackets.
 * awk, since a shell waits for this at each press of a key, and with neither ' nor \\, so that every shell quotes it alike.
 */
export const namesAwk = `
function say(word) {
  sub(/^[^A-Za-z0-9]+/, "", word)
  sub(/[^A-Za-z0-9._-].*$/, "", word)
  if (word != "") print word
}
/^[ \t]*(#.*)?$/ { next }
/^[^ \t-]/ {
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
}`.trim();

/** Only what needs no quotes in any shell: a branch may be called $(reboot). */
export const plainWord = "^[A-Za-z0-9][A-Za-z0-9._/@+-]*$";

/** How many commits and branches are offered: what a person may remember, and what git lists at once. */
const most = 30;

export const gitCommands = [
  `git for-each-ref --count=${most} --format="%(refname:short)" refs/heads refs/tags`,
  `git log --max-count=${most} --format=%h`,
] as const;

/** Words that are the same in every folder. */
export const fixedWords = { gates: gateNames, codes: Object.keys(codes) } as const;

/** How the generated functions name a kind: a word, or the values themselves. */
export function kindText(kind: Kind): string {
  return typeof kind === "string" ? kind : `of:${kind.join(",")}`;
}

/** For bash and zsh alike: `_threads_values KIND` prints what may stand there, a line each. */
export const valuesFunction = `_threads_file() {
  local folder=$PWD
  if [ -n "\${THREADS_CONFIG:-}" ]; then
    printf "%s" "$THREADS_CONFIG"
    return
  fi
  while [ ! -f "$folder/threads.yml" ]; do
    [ -n "$folder" ] || return
    folder=\${folder%/*}
  done
  printf "%s" "$folder/threads.yml"
}

_threads_values() {
  case $1 in
    environments | services)
      awk -v wanted="$1" '${namesAwk}' "$(_threads_file)" </dev/null ;;
    releases)
      _threads_values environments
      ${gitCommands.join("\n      ")} ;;
    gates) printf "%s\\n" ${fixedWords.gates.join(" ")} ;;
    codes) printf "%s\\n" ${fixedWords.codes.join(" ")} ;;
    of:*) printf "%s\\n" "\${1#of:}" | tr , "\\n" ;;
  esac 2>/dev/null | grep -E "${plainWord}"
}`;
