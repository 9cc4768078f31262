import { existsSync, realpathSync } from "node:fs";
import { join, relative, sep } from "node:path";

/**
 * Where git is to look to learn whether what lies at a path has changed: it has a link as what it is, and nothing behind it, and
 * another repository inside of this one, a submodule say, only as a whole.
 * @param path absolute. @param top of the repository, without links
 */
export function placesOf(path: string, top: string): string[] {
  const links: string[] = [];
  let at: string = sep;
  for (const part of path.split(sep)) {
    const next = join(at, part);
    at = realOf(next);
    if (at !== next) links.push(next);
  }
  return [...links.filter((link) => link.startsWith(`${top}${sep}`)), at].map((place) => wholeRepository(place, top));
}

function realOf(path: string): string {
  try {
    // As it is spelled on the disk, also where that takes one letter's case for the other's.
    return realpathSync.native(path);
  } catch {
    return path;
  }
}

function wholeRepository(place: string, top: string): string {
  if (!place.startsWith(`${top}${sep}`)) return place;
  let at = top;
  for (const part of relative(top, place).split(sep)) {
    at = join(at, part);
    if (existsSync(join(at, ".git"))) return at;
  }
  return place;
}
