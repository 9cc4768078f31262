import { ThreadsError } from "../errors/threads-error.ts";

/** The reference grammar of OCI and Docker; ECR's API would take 300 characters, but docker could never name them. */
const grammar = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/;

export function isTag(text: string): boolean {
  return grammar.test(text);
}

/** The SDK does not check tags, so a bad one would come back as a bare InvalidParameterException. @throws ThreadsError TAG_INVALID */
export function requireTag(text: string): string {
  if (isTag(text)) return text;
  throw new ThreadsError("TAG_INVALID", {
    message: `${JSON.stringify(text)} cannot be an image tag: 1 to 128 letters, digits, "_", "." and "-", not starting with "." or "-"`,
    advice: [text.includes("+") ? `use ${text.replaceAll("+", "-")}` : "choose another tag"],
  });
}
