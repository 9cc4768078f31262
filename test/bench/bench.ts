// `npm run bench [-- FILE]`: prints our column beside the floor and whatever peers are installed, as ratios of one run, and
// writes the same as JSON. BENCH_ROUNDS (default 15) and BENCH_PEERS (a folder with peers from npm) steer it, and
// BENCH_BESIDE (the root of another, built checkout) runs that one's commands beside ours: the build before a change, say.
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { benchLoad, printLoad } from "./load.ts";
import { benchPromote, printPromote } from "./promote.ts";
import { benchScale, printScale } from "./scale.ts";
import { benchStartUp, printStartUp } from "./start-up.ts";

const file = process.argv[2] ?? ".threads/bench.json";
const rounds = Number(process.env["BENCH_ROUNDS"] ?? 15);
const say = (text: string): boolean => process.stdout.write(`${text}\n\n`);

const startUp = await benchStartUp(rounds);
say(printStartUp(startUp));
const promotion = await benchPromote(Math.ceil(rounds / 3));
say(printPromote(promotion));
const scale = await benchScale();
say(printScale(scale));
const load = await benchLoad();
say(printLoad(load));

const machine = { node: process.version, platform: process.platform, arch: process.arch };
mkdirSync(dirname(file), { recursive: true });
writeFileSync(
  file,
  `${JSON.stringify({ at: new Date().toISOString(), machine, rounds, startUp, promote: promotion, scale, load }, undefined, 2)}\n`,
);
say(`written: ${file}`);
