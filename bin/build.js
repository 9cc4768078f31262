// The second half of `npm run build`: what tsc does not carry from src/lib to dist/lib (Dockerfiles, scripts, data).
import { chmodSync, copyFileSync, mkdirSync, readdirSync, rmSync, statSync } from "node:fs";
import { dirname, join, relative } from "node:path";

const root = join(import.meta.dirname, "..");
const source = join(root, "src", "lib");
const target = join(root, "dist", "lib");

const files = (folder) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

const wanted = files(source).filter((file) => !file.endsWith(".ts"));
for (const file of wanted) {
  const copy = join(target, relative(source, file));
  mkdirSync(dirname(copy), { recursive: true });
  copyFileSync(file, copy);
  chmodSync(copy, statSync(file).mode);
}

// A file that was renamed or removed must not live on in the images: tsc and we only ever add.
const compiled = (file) => file.replace(/\.ts$/, ".js");
const expected = new Set(files(source).map((file) => join(target, relative(source, compiled(file)))));
for (const file of files(target)) if (!expected.has(file)) rmSync(file);
