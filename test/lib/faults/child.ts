import { promote } from "../../../src/lib/actions/promote/run.ts";
import { publish } from "../../../src/lib/actions/publish/run.ts";
import { promotePorts } from "./promote-ports.ts";
import { outerWorld, smoked, startProcess } from "./world.ts";

/** Publishes or promotes one commit, in a process that can be killed: `child.ts publish|promote HOST NUMBER SERVICES [index]`. */
const [verb, host = "", number = "", services = "", shape] = process.argv.slice(2);
const world = outerWorld(host, Number(services));
const head = smoked(world.docker, world.config, { number: Number(number), indexes: shape === "index" });
const own = await startProcess(world, head);
if (verb === "publish") await publish({ dryRun: false }, own.ports);
else await promote({ release: head.revision, environment: "prod", dryRun: false }, await promotePorts(own));
own.end();
