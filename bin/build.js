// The second step of `npm run build`, after tsc: what users run becomes a bundle, and dist keeps nothing but that, the
// sandbox's server (plain files: it is copied into an image and runs on a bare Node) and what is no code at all.
import { chmodSync, copyFileSync, mkdirSync, readdirSync, rmSync, statSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { bundle } from "./bundle/bundle.js";
import { writeManifest } from "./bundle/manifest.js";

const root = join(import.meta.dirname, "..");
const source = join(root, "src");
const target = join(root, "dist");

const files = (folder) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

const copy = (from, to) => {
  mkdirSync(dirname(to), { recursive: true });
  copyFileSync(from, to);
  chmodSync(to, statSync(from).mode);
};

/** What the image of the sandbox's services takes from dist. */
const served = [join("lib", "sandbox", "server"), join("lib", "image"), join("lib", "iam")];
const sources = files(source).map((file) => relative(source, file));
const assets = sources.filter((file) => !file.endsWith(".ts"));
const plain = sources.filter((file) => served.some((folder) => file.startsWith(folder + sep)));

for (const file of assets) copy(join(source, file), join(target, file));
copy(join(root, "bin", "bundle", "load.js"), join(target, "load.js"));
const chunks = await bundle();

// tsc and we only ever add: a file that was renamed, removed or bundled must not live on.
const kept = new Set([...assets, ...plain.map((file) => file.replace(/\.ts$/, ".js")), ...chunks, "load.js"]);
for (const file of files(target)) if (!kept.has(relative(target, file))) rmSync(file);
rmSync(join(target, "commands"), { recursive: true, force: true });

await writeManifest();
