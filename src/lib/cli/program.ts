/**
 * How whoever started us can start us again: as `npx threads` where npx did, since their shell may not find us by our name.
 * What npx starts inherits its variables, and may start us by itself: the name in them has to be ours.
 */
export function programOf(env: Readonly<Record<string, string | undefined>>): string {
  const isNpx = env["npm_lifecycle_event"] === "npx" && /^['"]?threads\b/.test(env["npm_lifecycle_script"] ?? "");
  return isNpx ? "npx threads" : "threads";
}
