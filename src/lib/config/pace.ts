import { parseLength } from "../text/length-of-time.ts";

/** Some of an environment's hosts: so many, or so many of a hundred. */
export type Share = { readonly hosts: number } | { readonly percent: number };

/** What a share looks like, for whoever wrote something else. */
export const shareForm = 'a number of hosts (3) or a part of them ("25%"), from 1 on, and at most 100%';

/** @param written `3` or `25%`. @returns undefined where it is neither, or nothing */
export function parseShare(written: string | number): Share | undefined {
  const [, digits, percent] = /^(\d{1,6})(%?)$/.exec(String(written)) ?? [];
  const value = Number(digits);
  if (digits === undefined || value === 0 || (percent !== "" && value > 100)) return undefined;
  return percent === "" ? { hosts: value } : { percent: value };
}

/** As it is written. */
export function shareText(share: Share): string {
  return "hosts" in share ? String(share.hosts) : `${share.percent}%`;
}

/** How many of so many hosts it is: never none, never more than there are. A part is rounded down, to the careful side. */
export function sizeOf(share: Share, hosts: number): number {
  const size = "hosts" in share ? share.hosts : Math.floor((hosts * share.percent) / 100);
  return Math.min(Math.max(1, size), Math.max(1, hosts));
}

/** What weights look like. */
export const weightsForm = "rising parts of a hundred requests that end with 100, such as 5,25,100";

const mostWeights = 9;

/** @param written `5,25,100`. @returns the steps; undefined where they do not rise to 100 */
export function parseWeights(written: string | readonly number[]): readonly number[] | undefined {
  const parts = typeof written === "string" ? written.split(",") : written.map(String);
  if (!parts.every((part) => /^\d{1,3}$/.test(part)) || parts.length > mostWeights) return undefined;
  const weights = parts.map(Number);
  const rises = weights.every((weight, index) => weight > (weights[index - 1] ?? 0));
  return rises && weights.at(-1) === 100 ? weights : undefined;
}

/** As they are written. */
export function weightsText(weights: readonly number[]): string {
  return weights.join(",");
}

/** What a length of time looks like. */
export const spanForm = "a time such as 30s, 5m or 1h";

/** @param written `30s`, `5m`, `1h`, or seconds alone. @returns milliseconds; undefined where it is no length of time */
export function parseSpan(written: string): number | undefined {
  if (!/^\d{1,6}[smh]?$/.test(written)) return undefined;
  return parseLength(/\d$/.test(written) ? `${written}s` : written);
}
