import { parse, stringify } from "yaml";

/** `no`, `on` and `22:22` are more than text for a parser of YAML 1.1, as compose has had one. */
const options = { aliasDuplicateObjects: false, lineWidth: 0, version: "1.1" } as const;

/** A compose file that travels in a release: the same model always gives the same text. */
export function modelYaml(model: object): string {
  return stringify(model, options);
}

/** The opposite. @throws Error for what is no YAML */
export function parseModelYaml(text: string): unknown {
  return parse(text, { version: "1.1", merge: true });
}
