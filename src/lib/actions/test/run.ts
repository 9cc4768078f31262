import type { Compose } from "../../compose/docker-compose.ts";
import { composeFileFault } from "../../compose/file-fault.ts";
import { type Expected, expectedOf } from "../../compose/expected.ts";
import { ignoredStartIntervals } from "../../compose/health-hint.ts";
import { dependenciesOf, type ServiceModel, type StackModel } from "../../compose/stack-model.ts";
import { newProjectName } from "../../compose/project-name.ts";
import { candidate, candidatesOf, type OpenStack, throwAway, type ThrowAwayPorts } from "../../compose/throw-away.ts";
import type { Config } from "../../config/config.ts";
import { ThreadsError } from "../../errors/threads-error.ts";
import type { Task } from "../../progress/progress.ts";
import { imageVariable } from "../../release/release.ts";
import type { SourceFacts } from "../../stack/plan.ts";
import { are, count } from "../../text/words.ts";
import { commandOf, planTest, sameAgain, suitesOf, testArgs, type TestConfig } from "./plan.ts";
import type { TestPlan, TestResult } from "./result.ts";

export interface TestPorts extends ThrowAwayPorts {
  readonly config: Pick<Config, "app" | "root" | "test">;
  readonly compose: Compose;
  readonly source: { head(): Promise<SourceFacts> };
}

/** What other services must be up before the suites run; their own verdict, so that "database down" is not "suites failed". */
const startMs = 120_000;

export interface TestOptions {
  /** Handed on to the suites. */
  readonly args: readonly string[];
  readonly dryRun: boolean;
}

/**
 * Builds the test stack, runs the suites in their service, and takes everything down. Their exit code is the verdict.
 * @throws ThreadsError checks SUITES_FAILED where it is not 0; usage NO_SUITES where threads.yml names none
 */
export async function test(options: TestOptions, ports: TestPorts): Promise<TestResult> {
  const { app, root } = ports.config;
  const test = suitesOf(ports.config);
  const facts = await ports.source.head();
  const plan = planTest({ root, test }, facts, options.args);
  if (options.dryRun) return { outcome: "planned", ...plan, next: [sameAgain(plan.args)], advice: [] };
  if (plan.dirty)
    ports.progress.warn(`${count(facts.dirty.length, "uncommitted change")} ${are(facts.dirty.length)} tested too`);
  const project = newProjectName(app, "test");
  const image = candidate(app, test.service, project);
  const done = await throwAway(
    {
      kind: "test",
      project,
      app,
      composeFiles: test.compose,
      named: [test.service],
      environment: new Map(),
      variables: {
        [imageVariable(test.service)]: image,
        REVISION: plan.revision,
        TREE: facts.tree,
        HTTP_PORT: "0",
        TEST_ARGS: testArgs(options.args),
      },
      secrets: [],
      images: (model) => (model.services.some(isBuilt(test.service)) ? { [test.service]: image } : {}),
      sources: { revision: plan.revision, tree: facts.tree },
    },
    ports,
    (open) => runSuites({ plan, test }, open, ports),
  );
  const durations = { ...done.value, downMs: done.downMs };
  const { leftovers } = done;
  return { outcome: "passed", ...plan, durations, leftovers, next: ["threads smoke"], advice: [] };
}

function isBuilt(service: string): (one: ServiceModel) => boolean {
  return ({ name, built }) => name === service && built;
}

async function runSuites(
  { plan, test }: { readonly plan: TestPlan; readonly test: TestConfig },
  open: OpenStack,
  ports: TestPorts,
): Promise<{ readonly buildMs: number; readonly suitesMs: number }> {
  const { compose, progress, clock, signal, config } = ports;
  const { stack, model } = open;
  const needed = dependenciesIn(model, plan);
  const built = candidatesOf(model, open.images).map(({ name }) => name);
  const toBuild = built.filter((name) => name === plan.service || name in needed.expected.services);
  const begun = clock.now();
  const build: Task<void> = {
    title: "Build the test image",
    run: (shown) =>
      compose.build(
        stack,
        { app: config.app, services: toBuild },
        { signal, onLine: (line) => shown.update(line.trim()) },
      ),
  };
  const start: Task<void> = {
    title: `Start ${Object.keys(needed.expected.services).join(", ")}`,
    run: async () => {
      const containers = await compose.start(stack, needed.expected, { signal, timeoutMs: startMs });
      for (const text of ignoredStartIntervals(containers)) progress.warn(text);
    },
  };
  // Database and broker come up while the image is built, unless they are built themselves.
  const tasks = [...(toBuild.length === 0 ? [] : [build]), ...(needed.isEmpty ? [] : [start])];
  await progress.tasks(tasks, { concurrent: !needed.built });
  const ready = clock.now();
  const exitCode = await compose.run(stack, plan.service, {
    signal,
    command: commandOf(test, plan.args),
    timeoutMs: test.timeoutMs,
    onLine: (line) => progress.line(line),
  });
  if (exitCode !== 0) throw suitesFailed(plan, exitCode);
  return { buildMs: ready - begun, suitesMs: clock.now() - ready };
}

interface Needed {
  readonly expected: Expected;
  readonly isEmpty: boolean;
  /** Some of them are built here. */
  readonly built: boolean;
}

function dependenciesIn(model: StackModel, plan: TestPlan): Needed {
  if (!model.services.some((service) => service.name === plan.service))
    throw composeFileFault(
      `${plan.compose.join(" + ")} has no service ${plan.service}, but test.service in threads.yml names it`,
      model.services.length === 0
        ? "name a service there that runs the suites, and set test.service to it"
        : `set test.service to one of: ${model.services.map((service) => service.name).join(", ")}`,
    );
  const names = dependenciesOf(model, plan.service);
  const expected = expectedOf(model, names);
  const built = model.services.some((service) => service.built && names.includes(service.name));
  return { expected, isEmpty: Object.keys(expected.services).length === 0, built };
}

function suitesFailed(plan: TestPlan, exitCode: number): ThreadsError {
  // 128 + 9: nobody but the kernel or the engine kills a suite.
  const why = exitCode === 137 ? " (killed, most likely for want of memory)" : "";
  return new ThreadsError("SUITES_FAILED", {
    message: `the suites in ${plan.service} failed: exit code ${exitCode}${why}`,
    next: [sameAgain(plan.args)],
  });
}
