// `node test/load/main.ts URL…`: asks each of them forty times a second until it is told to end (TERM), and then says what came of it.
import { failed, startLoad } from "./steady-load.ts";

const loads = process.argv.slice(2).map((url) => startLoad(url, 40));
process.once("SIGTERM", () => {
  void Promise.all(loads.map((load) => load.stop())).then((ended) => {
    const requests = ended.reduce((sum, load) => sum + load.requests, 0);
    const lost = ended.reduce((sum, load) => sum + failed(load), 0);
    const gap = Math.max(...ended.map(({ longestGapMs }) => longestGapMs));
    console.log(`${requests} requests, ${lost} failed; the longest time without an answer was ${Math.round(gap)} ms`);
    process.exitCode = lost === 0 ? 0 : 1;
  });
});
