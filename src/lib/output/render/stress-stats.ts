import type { HostStats } from "../../actions/stress/result.ts";
import type { ServiceStats } from "../../script/stats-report.ts";
import { count, list, mebibytes, percent } from "../../text/words.ts";
import type { Paint } from "../paint.ts";
import { table } from "../table.ts";

/** Of each service what it took on average of a host, and the most on any; then of whom that is not known. */
export function statsLines(stats: readonly HostStats[], paint: Paint, columns: number | undefined): string[] {
  const services = Map.groupBy(
    stats.flatMap((one) => one.services ?? []),
    ({ service }) => service,
  );
  const rows = [...services].map(([service, some]) => rowOf(service, some));
  const head = ["", "CPU", "peak", "memory", "peak"].map((cell) => paint.dim(cell));
  return [
    ...(rows.length === 0 ? [] : table([head, ...rows], { columns, leave: [3, 1] })),
    ...[...Map.groupBy(stats, ({ silence }) => silence)].flatMap(([silence, hosts]) =>
      silence === null ? [] : [paint.warn(`  what containers took is not known of ${named(hosts)}: ${silence}`)],
    ),
    ...missedLines(stats, paint),
  ];
}

function rowOf(service: string, some: readonly ServiceStats[]): string[] {
  const mean = (of: "cpuPercent" | "memoryBytes"): number =>
    some.reduce((sum, one) => sum + one[of].mean, 0) / some.length;
  const peak = (of: "cpuPercent" | "memoryBytes"): number => Math.max(...some.map((one) => one[of].peak));
  const cpu = [percent(mean("cpuPercent")), percent(peak("cpuPercent"))];
  return [`  ${service}`, ...cpu, mebibytes(mean("memoryBytes")), mebibytes(peak("memoryBytes"))];
}

function missedLines(stats: readonly HostStats[], paint: Paint): string[] {
  const some = stats.filter(({ missed }) => missed !== null && missed > 0);
  const missed = some.reduce((sum, one) => sum + (one.missed ?? 0), 0);
  const all = some.reduce((sum, one) => sum + (one.samples ?? 0), 0);
  if (some.length === 0) return [];
  return [paint.warn(`  docker did not answer ${missed} of ${count(all, "sample")} on ${named(some)}`)];
}

/** Of many hosts it is enough to know how many. */
function named(hosts: readonly HostStats[]): string {
  return hosts.length > 4 ? count(hosts.length, "host") : list(hosts.map(({ host }) => host));
}
