// Which modules make up each chunk of the bundle: the fewer are loaded before the first request, the sooner it leaves.

// Verbs that no release on its way needs; each a room of `actions`, and a file of `wire` and of `output/render` where it has one.
const seldomVerbs = [
  "approve",
  "board",
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
  "aws/(until-failed|ecs-calls)",
  "cli/(address-file|board-page|train-page)",
  "compose/(build|host-folder)",
  "ecs/(?!environment-on-ecs)",
  "ledger/setting-names",
  "wire/translation[.]",
  "docker/dockerfile",
  "fleet/load-requests",
  "hosts/(host-exchange|host-way|documents|logs|stats)",
  "ledger/(archive|past-records)",
  "load/",
  "output/(log-lines|render/(deployment|past|timeline))",
  "(output/render|wire)/policy[.]",
  "probe/tunnel",
  "wire/(browser|compaction|member-logs|member-stats|rehearsal|stage|stage-world|copy-releases|ways)[.]",
  "remote/(has-)?log-group[.]",
  "registry/(ecr/fetch-blob|oci/fetch-images)",
  "sandbox/(rehearsals|lock-watch|host-steps|memory-watch)",
  "process/(browser|local-server)",
  "project/",
  "runs/stored-runs",
  "script/((ask|exec|log|stats)-report|(ask|stats)-script)",
];
const verbs = `(${seldomVerbs.join("|")})`;
const seldomUsed = new RegExp(`/src/lib/(actions/${verbs}/|(wire|output/render)/${verbs}|${seldomFiles.join("|")})`);

/** A command is loaded when it is run: the help of one needs its entry in the manifest only. */
const commandFile = /\/src\/commands\/(.+)[.]ts$/;

/** What is loaded together. Help and usage errors need `cli` only; each library sits with the one module of ours that imports it. */
export const groups = [
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
  // Where an environment is on ECS, for whoever looks at it or deploys to it.
  {
    name: "tasks",
    test: /\/src\/lib\/(tasks\/|ecs\/(facts|owner)[.]|aws\/ecs-calls)/,
    priority: 11,
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
    test: /\/src\/lib\/(actions\/(publish\/(?!release-model)|smoke\/|test\/)|wire\/(publication|published-smoke|smoke|smoke-stacks|test)\.|signature\/own-identity|compose\/made-from|output\/render\/(publish|smoke|smoke-stacks|test)\.|stack\/handover|docker\/archive|registry\/oci\/(layout|upload-image))/,
    priority: 10,
    includeDependenciesRecursively: false,
  },
  // How suites' reports are read.
  {
    name: "suites",
    test: /\/node_modules\/sax\/|\/src\/lib\/(suites\/|docker\/copy-out)/,
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
    test: /\/src\/lib\/(actions\/(deploy|rollback|converge)\/|wire\/(deployment|rollback)|ledger\/contracts|fleet\/(difference|steps|rounds|hold-lease|when-free|require-free|require-ready|rollout|plan|steps-on-ecs|walk|give-orders|go-on|tell-of|ending|deployment|verdict|carry-out-round|late-hosts|watch-first|watch-step|weigh|weights|weights-fit|trouble|time-limits)\.|hosts\/(target|require-orders|read-out|host-command|order-script|judge-summary|health-advice|carry-out-order|follow-steps|time-limits)\.)/,
    priority: 10,
    includeDependenciesRecursively: false,
  },
  // What tells how environments stand, and holds them as they are.
  {
    name: "standing",
    test: /\/src\/lib\/(actions\/(?:status|freeze)\/|wire\/(?:status|freeze)[.]|output\/render\/(?:status|freeze)[.])/,
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
  // Only where somebody wants to be told of runs.
  {
    name: "telemetry",
    test: /\/node_modules\/(?:@opentelemetry|aws-embedded-metrics|@datastructures-js)\/|\/src\/lib\/telemetry\//,
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
  {
    name: "elastic",
    test: /\/@aws-sdk\/client-ecs\/|\/aws\/ecs-sdk/,
    priority: 8,
    includeDependenciesRecursively: false,
  },
  {
    name: "secrets",
    test: /\/@aws-sdk\/client-secrets-manager\/|\/aws\/secrets-sdk/,
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
