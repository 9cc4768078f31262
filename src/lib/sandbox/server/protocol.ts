import type { Access } from "../../iam/evaluate.ts";

/** An error as AWS JSON 1.1 words it: `{"__type": type, "message": message}` with an HTTP status. The only error that an operation throws on purpose. */
export class ServiceError extends Error {
  readonly type: string;
  readonly status: number;

  constructor(type: string, message: string, status = 400) {
    super(message);
    this.name = type;
    this.type = type;
    this.status = status;
  }
}

/** An error whose reply carries more members than the message, such as InvalidLayerPartException's `lastValidByteReceived`. */
export class DetailedServiceError extends ServiceError {
  readonly details: Readonly<Record<string, unknown>>;

  constructor(type: string, message: string, details: Readonly<Record<string, unknown>>) {
    super(type, message);
    this.details = details;
  }
}

/** Who signed the request (SigV4, verified before any operation runs). */
export interface Identity {
  readonly account: string;
  readonly accessKeyId: string;
  readonly arn: string;
  /** As STS tells it; the sandbox's own user has a fixed one. */
  readonly userId?: string;
  /** Of a role that was taken; undefined for the sandbox's own user, who may do everything. */
  readonly session?: { readonly role: string; readonly name: string; readonly sourceIdentity?: string };
}

export interface Call {
  readonly identity: Identity;
  readonly requestId: string;
  readonly region: string;
}

/** The parsed JSON body in, the JSON reply out (dates as epoch seconds, as JSON 1.1 wants). */
export type Operation = (input: Readonly<Record<string, unknown>>, call: Call) => Promise<unknown>;

/** What a request does to which resources, as policies name them. The input was not checked yet. */
export type AccessOf = (
  input: Readonly<Record<string, unknown>>,
  call: Call,
) => readonly Access[] | Promise<readonly Access[]>;

/** `target`: the X-Amz-Target prefix, e.g. "AmazonSSM". */
export interface JsonService {
  readonly target: string;
  readonly operations: Readonly<Record<string, Operation>>;
  /** Of those operations that are about resources; every other one is an action on all of its service. */
  readonly accesses: Readonly<Record<string, AccessOf>>;
}
