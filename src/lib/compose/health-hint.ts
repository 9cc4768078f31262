/** What a health check says where it is the check that is wrong, and not the service that it looks at. */
const hints: readonly { readonly says: RegExp; readonly hint: (word: string, service: string) => string }[] = [
  {
    // Docker's words for `CMD`, and those of sh and bash for `CMD-SHELL`.
    says: /exec: "([\w./-]+)": (?:executable file not found|stat )|(?:sh|bash): (?:\d+: |line \d+: )?([\w./-]+): (?:command )?not found/,
    hint: (program, service) => `${program} is not in the image: the health check is broken, and not ${service}`,
  },
  {
    says: /(?:\[::1\]|localhost \(::1\)|::1 port)[^]*refused/,
    hint: (_, service) =>
      `the health check asks localhost, which is ::1 there: where ${service} listens on IPv4 only, let it ask 127.0.0.1`,
  },
];

/** @param log what the health check said, an entry a run. @returns a sentence, where its words give the reason away */
export function healthHint(service: string, log: readonly string[]): string | undefined {
  const text = log.join("\n");
  for (const { says, hint } of hints) {
    const found = says.exec(text);
    if (found !== null) return hint(found[1] ?? found[2] ?? "", service);
  }
  return undefined;
}
