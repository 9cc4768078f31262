import type { Identity } from "../aws/identity.ts";
import { checksOfSmoke, checksOfVerify } from "../config/checks-for.ts";
import type { Config, EnvironmentConfig } from "../config/config.ts";
import { principalOf } from "../ledger/principal.ts";
import type { Deployment, Intent, Ledger } from "../ledger/ledger.ts";
import { standing } from "../ledger/standing.ts";
import type { Registry } from "../registry/registry.ts";
import type { Pushes } from "../registry/ecr/pushes.ts";
import type { Scans } from "../registry/ecr/scan-findings.ts";
import type { Calendars } from "../remote/change-calendar.ts";
import type { CheckProvenance } from "../provenance/provenance.ts";
import { type PublishedRelease, pulledImages } from "../release/release.ts";
import type { Signatures } from "../signature/signatures.ts";
import type { SignatureFacts } from "./signable.ts";
import type { CommitChecks } from "../source/github-checks.ts";
import type { Lineage } from "../source/lineage.ts";
import type { GateFacts } from "./gate-facts.ts";
import type { ScannedImage } from "./judge-scan.ts";
import type { SaidFacts } from "./said.ts";
import { bothChecks, without } from "./named-checks.ts";
import { isThere, type Snapshot } from "./snapshot.ts";
import { deploymentsIn, sameRelease, saysStays } from "./stay.ts";
import { governed } from "./stricter.ts";

/** Whom a gate asks beside the ledger and the registry: every command that judges gates has these. */
export interface Witnesses {
  readonly scans: Scans;
  readonly lineage: Pick<Lineage, "onBranch" | "authors">;
  readonly pushes: Pushes;
  readonly checks: CommitChecks;
  readonly calendars: Calendars;
  readonly signatures: Pick<Signatures, "unsigned">;
  readonly provenance: CheckProvenance;
  /** Who the credentials belong to; fails unless they are those of the registry's account and region. */
  readonly checkAccount: () => Promise<Pick<Identity, "arn">>;
}

export interface FactPorts extends Witnesses {
  readonly config: Pick<Config, "checks" | "environments" | "sandbox">;
  readonly registry: Pick<Registry, "find" | "read">;
  readonly ledger: Pick<Ledger, "readOn" | "deploymentLog" | "approvals" | "firstSigned">;
}

interface ReleaseSeen {
  /** As threads.yml has it where it comes in; inside, as it is to be judged (see governed). */
  readonly environment: EnvironmentConfig;
  readonly published: PublishedRelease;
  readonly snapshot: Snapshot;
}

/** Gathers what the configured gates are judged by, all at once; nothing is asked for a gate that is not configured. */
export async function gatherFacts(seen: ReleaseSeen, ports: FactPorts): Promise<GateFacts> {
  const { environment: own, published, snapshot } = seen;
  const { policy } = snapshot.revisionRecords;
  const environment = governed(own, policy);
  const release = { ...seen, environment };
  const [smokes, hosts] = [checksOfSmoke(ports.config), hostChecksOf(environment, ports.config)];
  const { smokeChecks = [], verifyChecks = [] } = policy?.gates ?? {};
  const { scan, branch, maturityMs, verify, stress, rehearsed, checks: wanted, window } = environment.gates;
  const asksForLooks = [verify, stress, rehearsed].some((asked) => asked !== undefined);
  const [gone, scans, onBranch, deployments, current, publishedAt, said, checks, calendar, provenance, signatures] =
    await Promise.all([
      missingImages(published, snapshot, ports.registry),
      scan === undefined ? undefined : scanAll(published, ports.scans),
      branch === undefined ? undefined : ports.lineage.onBranch(branch, published.release),
      deploymentsSeen(release, ports.ledger),
      rehearsed === undefined ? undefined : currentIn(release, ports.ledger),
      maturityMs === undefined ? undefined : ports.pushes.pushedAt(published.repository, published.digest),
      whatWasSaid(release, ports),
      wanted === undefined ? undefined : ports.checks.checksOf(published.release.revision),
      window?.calendars === undefined ? undefined : ports.calendars.stateOf(window.calendars),
      ports.provenance(published),
      whoSigned(release, ports),
    ]);
  return {
    environment,
    under: policy === undefined ? undefined : { policy, own },
    published,
    gone,
    provenance,
    now: snapshot.revisionRecords.serverTime,
    freeze: snapshot.revisionRecords.freeze,
    smokes: snapshot.revisionRecords.smokes.get(published.digest) ?? [],
    hostChecks: bothChecks(hosts, verifyChecks),
    hostLacks: without(verifyChecks, hosts),
    looks: asksForLooks ? snapshot.revisionRecords.looks(published.digest) : [],
    current,
    locksAreSeen: ports.config.sandbox.services.includes("postgres"),
    smokeChecks: bothChecks(smokes, smokeChecks),
    smokeLacks: without(smokeChecks, smokes),
    deployments,
    scans,
    signatures,
    branch: onBranch,
    publishedAt,
    said,
    checks,
    calendar,
  };
}

function hostChecksOf(
  { gates: { verify } }: EnvironmentConfig,
  config: FactPorts["config"],
): ReturnType<typeof checksOfVerify> {
  return verify === undefined ? [] : checksOfVerify(config, verify);
}

async function whoSigned(
  { environment: { name, gates }, published }: ReleaseSeen,
  { signatures, registry, ledger }: Pick<FactPorts, "signatures" | "registry" | "ledger">,
): Promise<SignatureFacts | undefined> {
  if (gates.signature === undefined) return undefined;
  const { by, required } = gates.signature;
  const { signable } = await import("./signable.ts");
  const [unsigned, first] = await Promise.all([
    signable(published, registry).then((things) => signatures.unsigned(things, by)),
    required ? undefined : ledger.firstSigned(name),
  ]);
  return { unsigned, first };
}

async function whatWasSaid(
  { environment, published: { digest, release }, snapshot }: ReleaseSeen,
  { checkAccount, lineage, ledger }: Pick<FactPorts, "checkAccount" | "lineage" | "ledger">,
): Promise<SaidFacts | undefined> {
  if (environment.gates.approvals === undefined) return undefined;
  const { revision } = release;
  const [{ arn }, authors, approvals] = await Promise.all([
    checkAccount(),
    lineage.authors(revision),
    // Where the policy alone asks for some, nobody knew of it when the snapshot was begun.
    snapshot.approvals ?? ledger.approvals(environment.name, revision),
  ]);
  return { approvals: approvals.get(digest) ?? [], promoter: principalOf(arn), authors };
}

/** What was read before the digests were known nearly always says enough. */
async function deploymentsSeen(
  { environment: { gates }, published, snapshot }: ReleaseSeen,
  ledger: FactPorts["ledger"],
): Promise<readonly Deployment[] | undefined> {
  const { verified, soakMs } = gates;
  if (verified === undefined) return undefined;
  const deploymentLog = snapshot.deploymentLogs.get(verified) ?? (await ledger.deploymentLog(verified));
  const enough = saysStays({ same: sameRelease(published), soakMs }, snapshot.revisionRecords.serverTime);
  return deploymentsIn(await ledger.readOn(verified, deploymentLog, enough));
}

/** What the environment runs by the ledger's word; null where it runs nothing. */
async function currentIn(
  { environment: { name }, snapshot }: ReleaseSeen,
  ledger: FactPorts["ledger"],
): Promise<Intent | null> {
  const { deployments, serverTime } = snapshot.deploymentLogs.get(name) ?? (await ledger.deploymentLog(name));
  return standing(deployments, serverTime).current ?? null;
}

async function missingImages(
  { release }: PublishedRelease,
  snapshot: Snapshot,
  registry: Pick<Registry, "find">,
): Promise<readonly string[]> {
  const services = Object.entries(pulledImages(release));
  const there = await Promise.all(services.map(([, pin]) => isThere(pin, snapshot, registry)));
  return services.flatMap(([service], index) => (there[index] === true ? [] : [service]));
}

async function scanAll({ release }: PublishedRelease, scans: Scans): Promise<readonly ScannedImage[]> {
  const all = await Promise.all(
    Object.entries(pulledImages(release)).map(async ([service, { repository, digest }]) =>
      (await scans.scanned(repository, digest)).map((scan) => ({ service, scan })),
    ),
  );
  return all.flat();
}
