const units: Readonly<Record<string, number>> = {
  B: 1,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  kB: 1e3,
  MB: 1e6,
  GB: 1e9,
};

/** `name<TAB>23.4MiB / 7.6GiB` lines of `docker stats` as bytes by name; the page cache is not in that figure. */
export function parseMemory(text: string): Map<string, number> {
  const bytes = new Map<string, number>();
  for (const line of text.split("\n")) {
    const [, name, amount, unit] = /^(\S+)\t([\d.]+)([A-Za-z]+) \//.exec(line) ?? [];
    const factor = units[unit ?? ""];
    if (name !== undefined && factor !== undefined) bytes.set(name, Math.round(Number(amount) * factor));
  }
  return bytes;
}
