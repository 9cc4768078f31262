// Asks the hosts of an environment of the sandbox, again and again, until it is told to end; then says how many were failed.
// Usage: demo-load.js URL...
import { failed, startLoad } from "../test/load/steady-load.ts";

const perSecond = 20;
const loads = process.argv.slice(2).map((url) => startLoad(`${url}/healthz`, perSecond, 0));

process.once("SIGTERM", async () => {
  const ended = await Promise.all(loads.map((load) => load.stop()));
  const sum = (count) => ended.reduce((all, load) => all + count(load), 0);
  const [requests, lost] = [sum((load) => load.requests), sum(failed)];
  process.stdout.write(`${requests} requests, ${lost} failed\n`);
  process.exitCode = lost === 0 ? 0 : 1;
});
