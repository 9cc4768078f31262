// src and its packages as a few CommonJS files in dist. With rolldown (which vitest brings anyway), because esbuild can split
// into ES modules only, and V8's cache of those cannot be taken after a run (see load.js).
import { globSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { rolldown } from "rolldown";

const root = join(import.meta.dirname, "..", "..");

/**
 * Parts of oclif that this CLI never comes to: plugins, globbing, rc files, spinners, DEBUG=oclif:*, the check of Node's
 * version, and that WSL is called by another name than Node's `linux`. Without these stubs `threads promote --help` takes
 * 14 % more instructions.
 */
const unused = {
  // On a terminal oclif makes a spinner at once, which nobody starts.
  "cli-spinners": "exports.dots2 = exports.line = { frames: [] };",
  // A template is compiled for each line of a help page; ours only name two things.
  ejs: `exports.render = (text, data) => {
    const filled = text.replace(/<%= (config[.]bin|command[.]id) %>/g, (_, path) => path.split(".").reduce((of, key) => of[key], data));
    if (filled.includes("<%")) throw new Error("a template that the bundle does not know: " + text);
    return filled;
  };`,
  debug: "module.exports = () => () => undefined;",
  lilconfig: "",
  minimatch: "",
  semver: "exports.satisfies = () => true;",
  tinyglobby: "",
  "wsl-utils": "exports.isWsl = false;",
};

/** Of Node, and taken by oclif at once for what seldom or never happens: a shell without SHELL on Windows, timings for DEBUG, a flag read from stdin. */
const takenLater = {
  "node:child_process": ["execSync"],
  "node:perf_hooks": ["performance"],
  "node:readline": ["createInterface"],
};

// Verbs that no release on its way needs; each a room of `actions`, and a file of `wire` and of `output/render` where it has one.
const seldomVerbs = [
  "approve",
  "completion",
  "doctor",
  "ecs",
  "exec",
  "history",
  "init",
  "lock",
  "logs",
  "metrics",
  "open",
  "prune",
  "rehearse",
  "report",
  "stress",
  "verify",
];
const seldomFiles = [
  "actions/policy/(push|show)",
  "cli/train-page",
  "compose/(build|host-folder)",
  "ecs/(?!environment-on-ecs)",
  "ledger/setting-names",
  "docker/dockerfile",
  "fleet/(host-exchange|documents|load-requests)",
  "ledger/past-records",
  "load/",
  "output/(log-lines|render/(deployment|past|timeline))",
  "(output/render|wire)/policy[.]",
  "probe/tunnel",
  "wire/(rehearsal|stage|stage-world|copy-releases)[.]",
  "registry/(ecr/fetch-blob|oci/fetch-images)",
  "sandbox/(rehearsals|lock-watch|host-steps|memory-watch)",
  "process/browser",
  "project/",
  "runs/stored-runs",
  "script/((ask|exec|log)-report|ask-script)",
];
const verbs = `(${seldomVerbs.join("|")})`;
const seldomUsed = new RegExp(`/src/lib/(actions/${verbs}/|(wire|output/render)/${verbs}|${seldomFiles.join("|")})`);

/** A command is loaded when it is run: the help of one needs its entry in the manifest only. */
const commandFile = /\/src\/commands\/(.+)[.]ts$/;

/** What is loaded together. Help and usage errors need `cli` only; each library sits with the one module of ours that imports it. */
const groups = [
  {
    name: (id) => `command-${commandFile.exec(id)?.[1].replaceAll("/", "-")}`,
    test: commandFile,
    priority: 11,
    includeDependenciesRecursively: false,
  },
  // Long texts for one command.
  {
    name: "explain",
    test: /\/(host-explanations|explanations\/|actions\/explain\/)/,
    priority: 10,
    includeDependenciesRecursively: false,
  },
  // What a step of a GitHub workflow shows.
  {
    name: "summary",
    test: /\/src\/lib\/(cli\/step-summary|output\/summary\/)/,
    priority: 10,
    includeDependenciesRecursively: false,
  },
  // What is told of a line that was typed wrong.
  {
    name: "usage",
    test: /\/src\/lib\/cli\/(usage|misspelled|not-understood)/,
    priority: 10,
    includeDependenciesRecursively: false,
  },
  // Pages about subjects, and what makes them text for a terminal.
  {
    name: "help",
    test: /\/node_modules\/marked\/|\/src\/lib\/(actions\/help\/|cli\/help-text|help\/result-schema|output\/render\/(help|markdown))/,
    priority: 10,
    includeDependenciesRecursively: false,
  },
  // What only publish needs, and that only where hosts have slots.
  {
    name: "slots",
    test: /\/src\/lib\/compose\/(slots|slot-model|base-services|fronts|links|published-ports)\./,
    priority: 10,
    includeDependenciesRecursively: false,
  },
  // What makes a release of a commit: whoever compares a bundle with it asks the registry first.
  {
    name: "sources",
    test: /\/src\/lib\/(provenance\/|actions\/publish\/release-model|compose\/(runtime-(model|facts)|carried|schedulers|needed-files)\.|config\/committed|release\/untar|registry\/ecr\/download)/,
    priority: 10,
    includeDependenciesRecursively: false,
  },
  // What comes before a release is on its way: tests, images, and handing them over.
  {
    name: "build",
    test: /\/src\/lib\/(actions\/(publish\/(?!release-model)|smoke\/|test\/)|wire\/(publication|published-smoke|smoke|smoke-stacks|test)\.|signature\/own-identity|output\/render\/(publish|smoke|smoke-stacks|test)\.|stack\/handover|docker\/archive|registry\/oci\/(layout|upload-image))/,
    priority: 10,
    includeDependenciesRecursively: false,
  },
  // What a release on its way never needs.
  {
    name: "seldom",
    test: seldomUsed,
    priority: 10,
    includeDependenciesRecursively: false,
  },
  // Nor what only deploy, rollback and converge need, which must not wait for all of that.
  {
    name: "rollout",
    test: /\/src\/lib\/(actions\/(deploy|rollback|converge)\/|wire\/(deployment|rollback)|ledger\/contracts|fleet\/(difference|steps|rounds|hold-lease|when-free|require-free|require-orders|require-ready|read-out|rollout|plan|walk|give-orders|go-on|tell-of|host-command|order-script|ending|deployment|verdict|health-advice|carry-out-(?:order|round)|follow-steps|late-hosts|watch-first|watch-step|weigh|weights|weights-fit|trouble|time-limits)\.)/,
    priority: 10,
    includeDependenciesRecursively: false,
  },
  // Where hosts take orders by documents of the application's own.
  {
    name: "documents",
    test: /\/src\/lib\/(remote\/document|script\/document(-parameters)?\.)/,
    priority: 10,
    includeDependenciesRecursively: false,
  },
  // What a promotion needs only where its environment asks people, GitHub or a calendar; and what changes a policy.
  {
    name: "witnesses",
    test: /\/src\/lib\/(ledger\/(approvals|policies|writers)|remote\/change-calendar|source\/github-(?:api|checks|deployments)[a-z-]*)\./,
    priority: 10,
    includeDependenciesRecursively: false,
  },
  // The world on this machine, and who may do what in it: no command on AWS needs either.
  {
    name: "sandbox",
    test: /\/src\/lib\/(iam\/(?!role\.)|sandbox\/|docker\/memory|actions\/policy\/iam|output\/render\/(policy-iam|sandbox-))/,
    priority: 10,
    includeDependenciesRecursively: false,
  },
  // How pages are read, for checks with `assets`.
  {
    name: "assets",
    test: /\/node_modules\/(?:parse5|entities|@csstools)\/|\/src\/lib\/probe\/(?:asset|check-assets|hashed-name|page|srcset|stylesheet)\./,
    priority: 10,
    includeDependenciesRecursively: false,
  },
  // What draws a page.
  {
    name: "page",
    test: /\/node_modules\/(?:d3-[a-z-]+|internmap)\/|\/src\/lib\/output\/page\//,
    priority: 10,
    includeDependenciesRecursively: false,
  },
  // With it comes node:net, which help and usage errors do without.
  {
    name: "early",
    test: /\/aws\/early\/sockets/,
    priority: 10,
    includeDependenciesRecursively: false,
  },
  {
    name: "cli",
    test: /^\0|\/(@oclif\/core|src\/lib\/(cli(?!\/step-summary)|errors(?!\/undertaking)|clock(?!\/unt|\/unless))|bin\/bundle)\/|\/config\/suggest|\/src\/lib\/help\/pages|\/aws\/early\/endpoints/,
    priority: 9,
  },
  { name: "ssm", test: /\/@aws-sdk\/client-ssm\/|\/aws\/ssm-sdk/, priority: 8, includeDependenciesRecursively: false },
  {
    name: "cloudwatch",
    test: /\/@aws-sdk\/client-cloudwatch-logs\/|\/aws\/logs-sdk/,
    priority: 8,
    includeDependenciesRecursively: false,
  },
  { name: "sts", test: /\/@aws-sdk\/client-sts\/|\/aws\/sts-sdk/, priority: 8, includeDependenciesRecursively: false },
  { name: "aws", test: /\/node_modules\/(@aws-sdk|@smithy|@aws)\/|\/aws\/ecr-sdk/, priority: 7 },
  { name: "config", test: /\/node_modules\/(zod|yaml)\/|\/src\/lib\/config\//, priority: 6 },
  { name: "process", test: /\/node_modules\/execa\/|\/src\/lib\/process\/execa/, priority: 6 },
  { name: "live", test: /\/node_modules\/listr2\/|\/src\/lib\/output\/live-progress/, priority: 5 },
  { name: "threads", test: /\/src\/lib\//, priority: 4 },
];

/** Writes dist/*.cjs. @returns their names */
export async function bundle() {
  const build = await rolldown({
    input: { cli: join(root, "bin/bundle/entry.js") },
    platform: "node",
    // The SDK as ES modules: what is not used is left out, and no module needs a wrapper.
    resolve: { mainFields: ["module", "main"] },
    plugins: [ours],
    logLevel: "silent",
    preserveEntrySignatures: "allow-extension",
  });
  const written = await build.write({
    dir: join(root, "dist"),
    format: "cjs",
    entryFileNames: "[name].cjs",
    chunkFileNames: "[name].cjs",
    dynamicImportInCjs: false,
    codeSplitting: { groups },
    comments: { legal: true, annotation: false, jsdoc: false },
  });
  for (const { fileName } of written.output) inAscii(join(root, "dist", fileName));
  return [...written.output.map(({ fileName }) => fileName), await worker()];
}

/** One letter beyond Latin-1 makes V8 keep two bytes for each of a chunk's: half of what it takes to load it. */
function inAscii(file) {
  const escaped = (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`;
  writeFileSync(file, readFileSync(file, "utf8").replace(/[^\0-\x7F]/g, escaped));
}

/** What makes requests runs in a thread of its own, and is a file of its own beside what starts it. @returns its name */
async function worker() {
  const build = await rolldown({ input: join(root, "src/lib/load/worker.ts"), platform: "node", logLevel: "silent" });
  const file = join("lib", "load", "worker.cjs");
  await build.write({ file: join(root, "dist", file), format: "cjs" });
  return file;
}

const ours = {
  name: "threads",
  resolveId(id, importer = "") {
    const isOurs = id === "threads:commands" || Object.hasOwn(unused, id);
    return isOurs || (Object.hasOwn(takenLater, id) && importer.includes("/@oclif/core/")) ? `\0${id}` : undefined;
  },
  load(id) {
    if (id === "\0threads:commands") return { code: table(), moduleType: "js" };
    if (id.startsWith("\0") && Object.hasOwn(unused, id.slice(1)))
      return { code: unused[id.slice(1)], moduleType: "js" };
    if (id.startsWith("\0") && Object.hasOwn(takenLater, id.slice(1)))
      return { code: whenTaken(id.slice(1)), moduleType: "js" };
    return undefined;
  },
  /** All chunks lie in dist: a module that looks for files beside itself must still look where tsc would have put it. */
  transform(code, id) {
    if (!id.startsWith(join(root, "src")) || !code.includes("import.meta.url")) return undefined;
    const place = relative(join(root, "src"), id).replace(/\.ts$/, ".js");
    return code.replaceAll("import.meta.url", `new URL(${JSON.stringify(place)}, import.meta.url).href`);
  },
};

/** A module of Node's that is loaded when one of its functions is. */
function whenTaken(id) {
  const taken = (name) => `get ${name}() { return process.getBuiltinModule(${JSON.stringify(id)}).${name}; }`;
  return `module.exports = { ${takenLater[id].map(taken).join(", ")} };`;
}

/** Of each command, what loads it. */
function table() {
  const folder = join(root, "src", "commands");
  const files = globSync("**/*.ts", { cwd: folder }).toSorted();
  const id = (file) => JSON.stringify(file.slice(0, -3).replaceAll("/", ":"));
  const load = (file) => `() => import(${JSON.stringify(join(folder, file))})`;
  return `export default { ${files.map((file) => `${id(file)}: ${load(file)}`).join(", ")} };`;
}
