import { Flags } from "@oclif/core";
import { parseShare, parseSpan, type Share, shareForm, spanForm } from "../config/pace.ts";

// How a release comes over its hosts, as it is typed; what it is for an environment is threads.yml's word.

const share = Flags.custom<Share>({
  helpValue: "COUNT|PERCENT",
  parse: (written) => wellFormed(parseShare(written), written, shareForm),
});

export const paceFlags = {
  batch: share({ summary: "Switch so many hosts at once after the first: 3, or 25%" }),
  "max-unavailable": share({ summary: "Of those so many at most as answer nobody meanwhile (without slots)" }),
  observe: Flags.custom<number>({
    summary: "Watch the first host for so long before the next",
    helpValue: "TIME",
    parse: (written) => wellFormed(parseSpan(written), written, spanForm),
  })(),
};

/** What of them was typed. */
export function typedPace(flags: {
  readonly batch?: Share | undefined;
  readonly "max-unavailable"?: Share | undefined;
  readonly observe?: number | undefined;
}): { readonly batch?: Share; readonly maxUnavailable?: Share; readonly observeMs?: number } {
  const { batch, "max-unavailable": maxUnavailable, observe: observeMs } = flags;
  return {
    ...(batch !== undefined && { batch }),
    ...(maxUnavailable !== undefined && { maxUnavailable }),
    ...(observeMs !== undefined && { observeMs }),
  };
}

function wellFormed<T>(parsed: T | undefined, written: string, form: string): Promise<T> {
  // oclif names the flag before it.
  if (parsed === undefined) return Promise.reject(new Error(`${JSON.stringify(written)} failed: it must be ${form}`));
  return Promise.resolve(parsed);
}
