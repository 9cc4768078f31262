/** `45 s`, `12 min`, `3 h 20 min`, `2 d 4 h`: a time as people say it, rounded up so that it is over when it says so. */
export function span(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  if (seconds < 120) return `${seconds} s`;
  const minutes = Math.ceil(seconds / 60);
  if (minutes < 120) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
  return hours % 24 === 0 ? `${hours / 24} d` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** `0.4 s`, `12 s`, `3 min 5 s`, `2 h 5 min`: how long something took. @param ms milliseconds */
export function took(ms: number): string {
  if (ms < 9_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 120 ? `${minutes} min ${seconds % 60} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** `40 ms`, `1.2 s`: how long somebody waited. @param ms milliseconds */
export function waited(ms: number): string {
  return ms < 1000 ? `${ms} ms` : took(ms);
}

/** `0.84 ms`, `12.3 ms`, `312 ms`, `2.41 s`: how long an answer took, to three figures. @param ms milliseconds */
export function latency(ms: number): string {
  if (ms >= 1000) return `${(ms / 1000).toFixed(2)} s`;
  return `${ms.toFixed(ms >= 100 ? 0 : ms >= 10 ? 1 : 2)} ms`;
}

/** `just now`, `5 min ago`, `3 h ago`, `2 d ago`. @param ms how long ago, in milliseconds */
export function ago(ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 1) return "just now";
  if (minutes < 60) return `${minutes} min ago`;
  if (minutes < 48 * 60) return `${Math.floor(minutes / 60)} h ago`;
  return `${Math.floor(minutes / (24 * 60))} d ago`;
}

/** `2026-11-22T12:45:00Z`: a moment to the second. @param ms since the epoch */
export function utc(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d{3}Z$/, "Z");
}

/** `22 Nov 2026 12:45 UTC`: a moment for people who may sit anywhere. @param at ISO 8601 */
export function dated(at: string): string {
  const time = new Date(at);
  if (Number.isNaN(time.getTime())) return at;
  const [, day = "", month = "", year = "", clock = ""] = time.toUTCString().split(" ");
  return `${Number(day)} ${month} ${year} ${clock.slice(0, 5)} UTC`;
}

/** `1 check`, `4 checks`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}

/** The verb of one thing, or of another number of them. */
export function are(number: number): "is" | "are" {
  return number === 1 ? "is" : "are";
}

/** `web, celery and nginx`. */
export function list(names: readonly string[]): string {
  return names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names.at(-1) ?? ""}`;
}

/** `0.4 %`, `61 %`: a part of a hundred, which may be more than all of it. */
export function percent(value: number): string {
  return `${value < 9.95 ? Math.round(value * 10) / 10 : Math.round(value)} %`;
}

/** `1.5 MiB`, `154 MiB`: an amount of memory. @param bytes how much */
export function mebibytes(bytes: number): string {
  const mib = bytes / 2 ** 20;
  return `${mib < 9.95 ? Math.round(mib * 10) / 10 : Math.round(mib)} MiB`;
}
