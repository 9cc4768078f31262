/** Has a host's script write down which of its lines it runs, each run into a file of its own. */
export function traced(begin: string): string {
  const tell = [
    'threads_trace=$(mktemp "${ROOT%/*/*}/traces/XXXXXXXX" 2>/dev/null) || threads_trace=/dev/null',
    '{ printf "%s\\n" "${threads_trace##*/}" >>"${ROOT%/*}/traced"; } 2>/dev/null || true',
    'exec {BASH_XTRACEFD}>>"$threads_trace"',
    "PS4='+ ${BASH_SOURCE##*/} $LINENO|'",
    "set -x",
  ];
  return `${begin.trimEnd()}\n${tell.join("\n")}\n`;
}

/** Has a part tell where it begins, in front of its lines. */
export function marked(part: string, text: string): string {
  return text.replace("\n", `\n: @part ${part}\n`);
}

/** What runs by `eval` has no numbers of lines of its own. */
export function sourced(unpack: string): string {
  return unpack.replace('eval "$unpacked"', `. <(printf '%s\\n' "$unpacked")`);
}

/** `part line` of each line that a trace shows, by the numbers that it has on a host. */
export function linesTraced(trace: string): string[] {
  const parts: { readonly source: string; readonly from: number; readonly part: string }[] = [];
  const found = new Set<string>();
  for (const [, source = "", line = "", text = ""] of trace.matchAll(/^\++ (\S+) (\d+)\|(.*)$/gm)) {
    const [, begins] = /^: @part (\S+)$/.exec(text) ?? [];
    if (begins !== undefined) parts.unshift({ source, from: Number(line), part: begins });
    const at = parts.filter((one) => one.source === source).find(({ from }) => from < Number(line));
    if (at !== undefined) found.add(`${at.part} ${Number(line) - at.from}`);
  }
  return [...found];
}

/** The line of a file (from 1) that is number n (from 1) where it travels without comments. */
export function travellingLines(text: string): readonly number[] {
  return text
    .split("\n")
    .map((line, index) => ({ line, number: index + 1 }))
    .filter(({ line, number }) => number > 1 && !/^ *#(?! shellcheck )/.test(line))
    .map(({ number }) => number);
}
