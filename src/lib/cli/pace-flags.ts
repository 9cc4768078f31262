import { Flags } from "@oclif/core";
import { parseShare, parseSpan, parseWeights, type Share, shareForm, spanForm, weightsForm } from "../config/pace.ts";
import { wellFormed } from "./well-formed.ts";

// How a release comes over its hosts, as it is typed; what it is for an environment is threads.yml's word.

const share = Flags.custom<Share>({
  helpValue: "COUNT|PERCENT",
  parse: (written) => wellFormed(parseShare(written), written, shareForm),
});

export const paceFlags = {
  batch: share({ summary: "Switch so many hosts at once after the first: 3, or 25%" }),
  "max-unavailable": share({ summary: "Of those so many at most as answer nobody meanwhile (without slots)" }),
  weights: Flags.custom<readonly number[]>({
    summary: "Give the release so many of a hundred requests, step by step, and compare",
    helpValue: "5,25,100",
    parse: (written) => wellFormed(parseWeights(written), written, weightsForm),
  })(),
  observe: Flags.custom<number>({
    summary: "Watch the first host for so long before the next",
    helpValue: "TIME",
    parse: (written) => wellFormed(parseSpan(written), written, spanForm),
  })(),
};

interface Typed {
  readonly batch: Share;
  readonly maxUnavailable: Share;
  readonly observeMs: number;
  readonly weights: readonly number[];
}

/** What of them was typed. */
export function typedPace(flags: {
  readonly batch?: Share | undefined;
  readonly "max-unavailable"?: Share | undefined;
  readonly observe?: number | undefined;
  readonly weights?: readonly number[] | undefined;
}): Partial<Typed> {
  const { batch, "max-unavailable": maxUnavailable, observe: observeMs, weights } = flags;
  return {
    ...(batch !== undefined && { batch }),
    ...(maxUnavailable !== undefined && { maxUnavailable }),
    ...(observeMs !== undefined && { observeMs }),
    ...(weights !== undefined && { weights }),
  };
}
