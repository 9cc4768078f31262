import type { Compose } from "../../compose/docker-compose.ts";
import { composeFileFault } from "../../compose/file-fault.ts";
import { type Expected, expectedOf } from "../../compose/expected.ts";
import { ignoredStartIntervals } from "../../compose/health-hint.ts";
import { dependenciesOf, type ServiceModel, type StackModel } from "../../compose/stack-model.ts";
import { newProjectName } from "../../compose/project-name.ts";
import { candidate, candidatesOf, type OpenStack, throwAway, type ThrowAwayPorts } from "../../compose/throw-away.ts";
import type { Config } from "../../config/config.ts";
import { ThreadsError } from "../../errors/threads-error.ts";
import { makeOutputFolder } from "../../process/output-folder.ts";
import type { Task } from "../../progress/progress.ts";
import type { SuiteCounts } from "../../suites/junit.ts";
import type { BringReports } from "../../suites/reports.ts";
import { imageVariable } from "../../release/release.ts";
import type { Source } from "../../source/source.ts";
import type { SourceFacts } from "../../stack/plan.ts";
import { are, count } from "../../text/words.ts";
import { changedSince } from "./changed.ts";
import { countsOf } from "./counts.ts";
import { commandOf, planTest, requireReports, sameAgain, suitesOf, testArgs, type TestConfig } from "./plan.ts";
import type { TestPlan, TestResult } from "./result.ts";

export interface TestPorts extends ThrowAwayPorts {
  /** Variables that compose files may name. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly config: Pick<Config, "app" | "root" | "test" | "file">;
  readonly compose: Compose;
  readonly source: { head(): Promise<SourceFacts> } & Pick<Source, "changedSince">;
  readonly reports: BringReports;
}

/** What other services must be up before the suites run; their own verdict, so that "database down" is not "suites failed". */
const startMs = 120_000;

export interface TestOptions {
  /** Handed on to the suites. */
  readonly args: readonly string[];
  /** Absolute path of the folder that gets what the suites leave in `test.reports`. */
  readonly reports?: string | undefined;
  /** A commit by any name: only where something that the suites are made from has changed since they parted, these run. */
  readonly changedSince?: string | undefined;
  readonly dryRun: boolean;
}

/**
 * Builds the test stack, runs the suites in their service, and takes everything down. Their exit code is the verdict.
 * @throws ThreadsError checks SUITES_FAILED where it is not 0; usage NO_SUITES where threads.yml names none, NO_REPORTS where it
 *   does not say where they leave those that are wanted, UNKNOWN_REVISION where git does not know since when
 */
export async function test(options: TestOptions, ports: TestPorts): Promise<TestResult> {
  const { app, root } = ports.config;
  const test = suitesOf(ports.config);
  if (options.reports !== undefined) requireReports(test);
  const facts = await ports.source.head();
  const { args, reports } = options;
  const since = options.changedSince === undefined ? null : await changedSince(options.changedSince, test, ports);
  const plan = planTest({ root, test }, facts, { args, reports, since });
  if (since?.changed?.length === 0) return { outcome: "unchanged", ...plan, next: [sameAgain(plan)], advice: [] };
  if (options.dryRun) return { outcome: "planned", ...plan, next: [sameAgain(plan)], advice: [] };
  if (plan.reports !== null) makeOutputFolder(plan.reports, "--reports");
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
  const { buildMs, suitesMs, counts } = done.value;
  const durations = { buildMs, suitesMs, downMs: done.downMs };
  const { leftovers } = done;
  const tests = counts === undefined ? null : { run: counts.tests - counts.skipped, skipped: counts.skipped };
  return { outcome: "passed", ...plan, tests, durations, leftovers, next: ["threads smoke"], advice: [] };
}

function isBuilt(service: string): (one: ServiceModel) => boolean {
  return ({ name, built }) => name === service && built;
}

async function runSuites(
  { plan, test }: { readonly plan: TestPlan; readonly test: TestConfig },
  open: OpenStack,
  ports: TestPorts,
): Promise<{ readonly buildMs: number; readonly suitesMs: number; readonly counts: SuiteCounts | undefined }> {
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
  const reports =
    test.reports === undefined
      ? undefined
      : { container: `${stack.name}-suites`, from: test.reports, to: plan.reports ?? undefined };
  const exitCode = await compose.run(stack, plan.service, {
    signal,
    command: commandOf(test, plan.args),
    timeoutMs: test.timeoutMs,
    name: reports?.container,
    onLine: (line) => progress.line(line),
  });
  const suitesMs = clock.now() - ready;
  const counts = reports === undefined ? undefined : await countsOf(reports, plan.service, ports);
  if (exitCode !== 0) throw suitesFailed(plan, exitCode, counts);
  return { buildMs: ready - begun, suitesMs, counts };
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

/** So many of those that failed are named. */
const namedTests = 20;

function suitesFailed(plan: TestPlan, exitCode: number, counts: SuiteCounts | undefined): ThreadsError {
  const { failed = [], tests = 0, skipped = 0 } = counts ?? {};
  // 128 + 9: nobody but the kernel or the engine kills a suite.
  const why = exitCode === 137 ? " (killed, most likely for want of memory)" : "";
  const ofTests = failed.length === 0 ? "" : `${failed.length} of ${count(tests - skipped, "test")}, `;
  const named = failed.slice(0, namedTests).map(({ name, says }) => (says === "" ? name : `${name}: ${says}`));
  return new ThreadsError("SUITES_FAILED", {
    message: `the suites in ${plan.service} failed: ${ofTests}exit code ${exitCode}${why}`,
    details: [...named, ...(failed.length > namedTests ? [`and ${count(failed.length - namedTests, "other")}`] : [])],
    next: [sameAgain(plan)],
  });
}
