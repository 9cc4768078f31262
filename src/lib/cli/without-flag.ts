import { Flags } from "@oclif/core";

/** `--without HOST`, once for each: which hosts there are, AWS says. */
export const withoutFlag = Flags.string({
  summary: "Leave out this host, by name or id",
  helpValue: "HOST",
  multiple: true,
  multipleNonGreedy: true,
});
