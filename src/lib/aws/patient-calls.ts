import type { Clock } from "../clock/clock.ts";
import type { ThreadsError } from "../errors/threads-error.ts";
import { span } from "../text/words.ts";
import type { AwsClients } from "./clients.ts";
import { type AwsContact, openContact } from "./contact.ts";
import { answerOf, awsFailure, hasAnswered, kindOf, triesOf } from "./failure.ts";

/** One service of AWS, both loaded with the first call. */
interface AwsService<Client, Sdk> {
  client(): Promise<Client>;
  sdk(): Promise<Sdk>;
}

/** One request: how to make it, how to name it in a failure, and which failures have an answer. */
export interface AwsRequest<Client, Sdk, T> {
  /** Completes "AWS denies access while …". */
  readonly doing: string;
  send(client: Client, sdk: Sdk, options: { abortSignal?: AbortSignal }): Promise<T>;
  /** By the exception's name: failures that mean something here. @param mayBeTaken an earlier try may have been taken */
  readonly answers?: Readonly<Record<string, (error: Error, mayBeTaken: boolean) => T>>;
  /**
   * For what must not be done twice: asked after each failure after which it may have been taken. A value ends the call;
   * undefined, where it was not taken, lets it be tried again.
   */
  readonly ifLost?: () => Promise<T | undefined>;
  /** What a failure means in this service; undefined for those that mean the same in all of AWS. */
  readonly words?: (error: Error, mayBeTaken: boolean) => ThreadsError | undefined;
  /** Where the caller has less time than that: how long it is tried again, in milliseconds. */
  readonly patienceMs?: number;
}

export type AwsCall<Client, Sdk> = <T>(request: AwsRequest<Client, Sdk, T>) => Promise<T>;

/** What every call of AWS is given. */
export interface CallPorts {
  readonly aws: Pick<AwsClients, "contact" | "profile">;
  readonly clock: Clock;
  /** Ends a call at once, also in the middle of a pause. */
  readonly signal?: AbortSignal | undefined;
}

/** After the SDK's own five tries: AWS's troubles of two minutes cost a command time and nothing else. */
export const patienceMs = 120_000;
const shortestPauseMs = 1_000;
const longestPauseMs = 5_000;

/**
 * Sends requests to a service of AWS. Throttling, lost connections and 5xx are waited out, everything else fails at once;
 * nothing is said after an abort but its reason. @throws ThreadsError by `words`, or as failure.ts has it
 */
export function awsCalls<Client, Sdk>(service: AwsService<Client, Sdk>, ports: CallPorts): AwsCall<Client, Sdk> {
  const { clock, signal } = ports;
  const { contact = openContact(), profile } = ports.aws;
  return async (request) => {
    const attempt = tries(request, { service, contact, signal, profile });
    const { doing, patienceMs: mostMs = patienceMs } = request;
    const deadline = clock.now() + mostMs;
    let end = await attempt();
    if ("value" in end) return end.value;
    const note = noteOf(end.failure, doing, mostMs);
    return waiting(contact, note, async () => {
      for (let pause = 0; "failure" in end; pause += 1) {
        const left = deadline - clock.now();
        if (left <= 0) throw inWords(end, request, profile);
        await clock.sleep(Math.min(pauseMs(pause), left), signal);
        end = await attempt();
      }
      return end.value;
    });
  };
}

interface Trying<Client, Sdk> extends Pick<CallPorts, "signal"> {
  readonly service: AwsService<Client, Sdk>;
  readonly contact: AwsContact;
  readonly profile: string | undefined;
}

interface Failed {
  readonly failure: Error;
  /** This try or an earlier one may have been taken. */
  readonly mayBeTaken: boolean;
}

/** One try after another, of which each ends with a value, or with a failure that may pass. */
function tries<Client, Sdk, T>(
  request: AwsRequest<Client, Sdk, T>,
  { service, contact, signal, profile }: Trying<Client, Sdk>,
): () => Promise<{ readonly value: T } | Failed> {
  let mayBeTaken = false;
  return async () => {
    try {
      const [client, sdk] = await Promise.all([service.client(), service.sdk()]);
      const value = await request.send(client, sdk, signal === undefined ? {} : { abortSignal: signal });
      contact.answered = true;
      return { value };
    } catch (error) {
      signal?.throwIfAborted();
      const failure = error as Error;
      contact.answered ||= hasAnswered(failure);
      const kind = kindOf(failure);
      // What the SDK itself has tried again.
      if (kind !== "throttled" && triesOf(failure) > 1) mayBeTaken = true;
      const answer = request.answers?.[failure.name];
      if (answer !== undefined) return { value: answer(failure, mayBeTaken) };
      if (kind === "lost" || kind === "strange") {
        mayBeTaken = true;
        const value = await request.ifLost?.();
        if (value !== undefined) return { value };
      }
      if (mayPass(kind, contact)) return { failure, mayBeTaken };
      throw inWords({ failure, mayBeTaken }, request, profile);
    }
  };
}

/** An endpoint that was never there (a wrong one, no network, a sandbox that is down) would be waited for in vain. */
function mayPass(kind: ReturnType<typeof kindOf>, { answered }: AwsContact): boolean {
  return kind === "throttled" || kind === "lost" || (kind === "unreached" && answered);
}

function inWords(
  { failure, mayBeTaken }: Failed,
  { doing, words }: Pick<AwsRequest<never, never, unknown>, "doing" | "words">,
  profile: string | undefined,
): Error {
  return words?.(failure, mayBeTaken) ?? awsFailure(failure, doing, profile);
}

/** Between a second and a bound that doubles; at random, so that calls that were refused together do not come back together. */
function pauseMs(pause: number): number {
  const bound = Math.min(shortestPauseMs * 2 ** (pause + 1), longestPauseMs);
  return Math.round(shortestPauseMs + Math.random() * (bound - shortestPauseMs));
}

/** Of several calls that wait at once the first one says so. */
async function waiting<T>(contact: AwsContact, note: string, work: () => Promise<T>): Promise<T> {
  if (contact.waiting === 0) contact.note(note);
  contact.waiting += 1;
  try {
    return await work();
  } finally {
    contact.waiting -= 1;
  }
}

function noteOf(error: Error, doing: string, mostMs: number): string {
  const says =
    kindOf(error) === "throttled" ? "throttles" : hasAnswered(error) ? `answers ${answerOf(error)}` : "is silent";
  return `AWS ${says} while ${doing}; trying again for up to ${span(mostMs)}`;
}

interface Page {
  readonly nextToken?: string | undefined;
  readonly NextToken?: string | undefined;
}

/** Every page of a list, each read when it is asked for. @param read what comes after a token; undefined for the beginning */
export async function* pages<P extends Page>(read: (token: string | undefined) => Promise<P>): AsyncGenerator<P, void> {
  let token: string | undefined;
  do {
    const page = await read(token);
    yield page;
    token = page.nextToken ?? page.NextToken;
  } while (token !== undefined && token !== "");
}
