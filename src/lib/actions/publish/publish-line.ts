import { quote } from "../../script/shell-words.ts";

/** What was asked of a publish that the next one has to be asked as well. */
export interface Asked {
  readonly sign: { readonly key: string | undefined } | undefined;
  readonly adopt: boolean;
}

/** The command, as it is typed. */
export function publishLine({ sign, adopt }: Asked): string {
  const key = sign?.key === undefined ? [] : ["--key", isPlain.test(sign.key) ? sign.key : quote(sign.key)];
  const flags = [...(sign === undefined ? [] : ["--sign"]), ...key, ...(adopt ? ["--adopt"] : [])];
  return ["threads publish", ...flags].join(" ");
}

const isPlain = /^[\w./:@=+-]+$/;
