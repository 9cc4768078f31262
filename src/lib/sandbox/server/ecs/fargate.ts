const gib = 1024;

/** From, to and between, in MiB, by CPU units (developer guide, "Task size"). */
const sizes: Readonly<Record<number, readonly [from: number, to: number, by: number]>> = {
  512: [gib, 4 * gib, gib],
  1024: [2 * gib, 8 * gib, gib],
  2048: [4 * gib, 16 * gib, gib],
  4096: [8 * gib, 30 * gib, gib],
  8192: [16 * gib, 60 * gib, 4 * gib],
  16384: [32 * gib, 120 * gib, 8 * gib],
};

/** Whether Fargate has a size of so many CPU units and MiB. */
export function isFargateSize(cpu: number, memory: number): boolean {
  if (cpu === 256) return [512, 1024, 2048].includes(memory);
  const [from, to, by] = sizes[cpu] ?? [];
  if (from === undefined || to === undefined || by === undefined) return false;
  return memory >= from && memory <= to && (memory - from) % by === 0;
}

/** Texts are CPU units and MiB, or `1 vCPU` and `2 GB` (API reference, RegisterTaskDefinition). */
export function cpuUnits(text: string): number {
  const [, number, unit = ""] = /^(\d*\.?\d+)\s*(vcpu)?$/i.exec(text.trim()) ?? [];
  return number === undefined ? Number.NaN : Number(number) * (unit === "" ? 1 : 1024);
}

export function mebibytes(text: string): number {
  const [, number, unit = ""] = /^(\d*\.?\d+)\s*(gb)?$/i.exec(text.trim()) ?? [];
  return number === undefined ? Number.NaN : Number(number) * (unit === "" ? 1 : gib);
}
