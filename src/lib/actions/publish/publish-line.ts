import type { HandedOver } from "./handed-over.ts";
import { quote } from "../../script/shell-words.ts";

/** What was asked of a publish that the next one has to be asked as well. */
export interface Asked {
  readonly sign: { readonly key: string | undefined } | undefined;
  readonly adopt: boolean;
  /** Undefined where docker has the images here. */
  readonly from?: HandedOver | undefined;
}

/** The command, as it is typed. */
export function publishLine({ sign, adopt, from }: Asked): string {
  const flags = [
    ...(from === undefined ? [] : ["--from", word(from.folder)]),
    ...(from?.digest === undefined ? [] : ["--digest", word(from.digest)]),
    ...(sign === undefined ? [] : ["--sign"]),
    ...(sign?.key === undefined ? [] : ["--key", word(sign.key)]),
    ...(adopt ? ["--adopt"] : []),
  ];
  return ["threads publish", ...flags].join(" ");
}

const word = (text: string): string => (/^[\w./:@=+-]+$/.test(text) ? text : quote(text));
