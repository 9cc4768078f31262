/** What of a container's ports is shown where, as it is written: variables open, numbers may be ranges. */
export interface PortMapping {
  /** Inside the container. */
  readonly target: string;
  /** On the host; undefined where docker chooses. */
  readonly published?: string;
  /** Of the host, an IPv6 one in brackets or without; every one where there is none. */
  readonly address?: string;
  readonly protocol?: string;
}

/** `[[address:]published:]target[/protocol]` as compose reads it (compose-spec, "ports, short syntax"). */
export function portMapping(text: string): PortMapping {
  const [numbers = "", protocol] = splitOpen(text, "/");
  const [target = "", published, address] = splitOpen(numbers, ":").toReversed();
  return {
    target,
    ...(published !== undefined && { published }),
    ...(address !== undefined && { address }),
    ...(protocol !== undefined && { protocol }),
  };
}

/** Splits a text at the separators that stand neither in a variable (`${NAME:-80}`) nor in the brackets of an IPv6 address. */
function splitOpen(text: string, separator: string): string[] {
  const parts = [""];
  let depth = 0;
  for (const letter of text) {
    if ("{[".includes(letter)) depth += 1;
    if ("}]".includes(letter)) depth -= 1;
    if (letter === separator && depth === 0) parts.push("");
    else parts[parts.length - 1] += letter;
  }
  return parts;
}
