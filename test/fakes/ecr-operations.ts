import { randomUUID } from "node:crypto";
import { type Digest, digestOf, isDigest } from "../../src/lib/image/digest.ts";

interface FakeRepository {
  immutable: boolean;
  readonly manifests: Map<string, { body: string; mediaType: string }>;
  readonly tags: Map<string, Digest>;
  readonly blobs: Map<string, Buffer>;
}

export interface FakeState {
  url: string;
  /** Whose credentials STS and ECR see, and whose registry is meant by a call that names none. */
  account: string;
  /** Whose registry this is. */
  readonly owner: string;
  readonly repositories: Map<string, FakeRepository>;
  readonly uploads: Map<string, Buffer[]>;
  /** Bytes of a part that InitiateLayerUpload asks for. */
  partSize: number;
  /** Translates what is read by tag, as ECR does for a client that accepts too little. */
  translate: boolean;
  /** Alters every manifest that is given out. */
  corrupt: boolean;
  /** BatchGetImage gives an image only once, however often a call names it. */
  answerOnce: boolean;
  /** Failure code of BatchGetImage for every image. */
  failureCode: string | undefined;
}

/** An exception of the service, by its wire name. */
export class Refusal extends Error {
  readonly status: number;

  constructor(name: string, message: string, status = 400) {
    super(message);
    this.name = name;
    this.status = status;
  }
}

type Input = Record<string, unknown>;
type Operation = (state: FakeState, input: Input) => object;

const sandboxAccount = "000000000000";
const standard = ["web", "celery", "celery-beat", "nginx", "bundle"].map((name) => `threads/${name}`);

export function emptyState(options: {
  readonly account?: string;
  readonly repositories?: readonly string[];
}): FakeState {
  const repository = (): FakeRepository => ({
    immutable: true,
    manifests: new Map(),
    tags: new Map(),
    blobs: new Map(),
  });
  return {
    url: "",
    account: options.account ?? sandboxAccount,
    owner: options.account ?? sandboxAccount,
    repositories: new Map((options.repositories ?? standard).map((name) => [name, repository()])),
    uploads: new Map(),
    partSize: 1_000,
    translate: false,
    corrupt: false,
    answerOnce: false,
    failureCode: undefined,
  };
}

function repositoryOf(state: FakeState, input: Input): FakeRepository {
  const name = String(input["repositoryName"]);
  const { registryId: registry = state.account } = input as { readonly registryId?: string };
  const found = registry === state.owner ? state.repositories.get(name) : undefined;
  if (found !== undefined) return found;
  throw new Refusal(
    "RepositoryNotFoundException",
    `The repository with name '${name}' does not exist in the registry with id '${registry}'`,
  );
}

interface ImageId {
  readonly imageTag?: string;
  readonly imageDigest?: string;
}

const batchGetImage: Operation = (state, input) => {
  const ids = input["imageIds"] as ImageId[];
  if (ids.length > 100) throw new Refusal("InvalidParameterException", "imageIds");
  const answers = ids.map((imageId) => getImage(state, input, imageId));
  return {
    images: answers.filter((answer) => "imageManifest" in answer).slice(0, state.answerOnce ? 1 : undefined),
    failures: answers.filter((answer) => "failureCode" in answer),
  };
};

function getImage(state: FakeState, input: Input, imageId: ImageId): object {
  const repository = repositoryOf(state, input);
  const digest = imageId.imageTag === undefined ? imageId.imageDigest : repository.tags.get(imageId.imageTag);
  const manifest = repository.manifests.get(digest ?? "");
  const failed = (failureCode: string) => ({ imageId, failureCode, failureReason: "fake" });
  if (state.failureCode !== undefined) return failed(state.failureCode);
  if (manifest === undefined || digest === undefined) return failed("ImageNotFound");
  if (imageId.imageDigest !== undefined && imageId.imageDigest !== digest) return failed("ImageTagDoesNotMatchDigest");
  const altered = state.corrupt || (state.translate && imageId.imageTag !== undefined);
  return {
    imageId: { ...imageId, imageDigest: digest },
    imageManifest: altered ? `${manifest.body}\n` : manifest.body,
    imageManifestMediaType: manifest.mediaType,
  };
}

const putImage: Operation = (state, input) => {
  const repository = repositoryOf(state, input);
  const body = String(input["imageManifest"]);
  const tag = String(input["imageTag"]);
  const digest = digestOf(body);
  if (!/^\w[\w.-]{0,127}$/.test(tag)) throw new Refusal("InvalidParameterException", "imageTag");
  if (input["imageDigest"] !== digest) throw new Refusal("ImageDigestDoesNotMatchException", "digest");
  requireParts(repository, JSON.parse(body) as ParsedManifest);
  const there = repository.tags.get(tag);
  // The real service takes either name for an equal digest (aws/containers-roadmap#2179).
  if (there !== undefined && repository.immutable) throw new Refusal("ImageTagAlreadyExistsException", tag);
  if (there === digest) throw new Refusal("ImageAlreadyExistsException", tag);
  repository.manifests.set(digest, { body, mediaType: String(input["imageManifestMediaType"]) });
  repository.tags.set(tag, digest);
  return { image: { imageId: { imageDigest: digest, imageTag: tag } } };
};

interface ParsedManifest {
  readonly config?: { readonly digest: string };
  readonly layers?: readonly { readonly digest: string }[];
  readonly manifests?: readonly { readonly digest: string }[];
}

function requireParts(repository: FakeRepository, { config, layers = [], manifests = [] }: ParsedManifest): void {
  if (![config ?? [], layers].flat().every(({ digest }) => repository.blobs.has(digest)))
    throw new Refusal("LayersNotFoundException", "layers");
  if (!manifests.every(({ digest }) => repository.manifests.has(digest)))
    throw new Refusal("ReferencedImagesNotFoundException", "images");
}

const completeLayerUpload: Operation = (state, input) => {
  const repository = repositoryOf(state, input);
  const uploadId = String(input["uploadId"]);
  const parts = state.uploads.get(uploadId);
  if (parts === undefined) throw new Refusal("UploadNotFoundException", uploadId);
  const bytes = Buffer.concat(parts);
  const [digest] = input["layerDigests"] as string[];
  if (digest !== digestOf(bytes)) throw new Refusal("InvalidLayerException", "digest");
  if (repository.blobs.has(digest)) throw new Refusal("LayerAlreadyExistsException", digest);
  state.uploads.delete(uploadId);
  repository.blobs.set(digest, bytes);
  return { uploadId, layerDigest: digest };
};

const uploadLayerPart: Operation = (state, input) => {
  const parts = state.uploads.get(String(input["uploadId"]));
  if (parts === undefined) throw new Refusal("UploadNotFoundException", String(input["uploadId"]));
  const bytes = Buffer.from(String(input["layerPartBlob"]), "base64");
  const first = parts.reduce((sum, part) => sum + part.length, 0);
  if (bytes.length > state.partSize || input["partFirstByte"] !== first)
    throw new Refusal("InvalidLayerPartException", "part");
  parts.push(bytes);
  return { uploadId: input["uploadId"], lastByteReceived: first + bytes.length - 1 };
};

/** The operations by name; each gets the request's body. */
export const answers: Readonly<Record<string, Operation>> = {
  BatchGetImage: batchGetImage,
  PutImage: putImage,
  UploadLayerPart: uploadLayerPart,
  CompleteLayerUpload: completeLayerUpload,
  InitiateLayerUpload: (state, input) => {
    repositoryOf(state, input);
    const uploadId = randomUUID();
    state.uploads.set(uploadId, []);
    return { uploadId, partSize: state.partSize };
  },
  BatchCheckLayerAvailability: (state, input) => {
    const repository = repositoryOf(state, input);
    const layers = (input["layerDigests"] as string[])
      .filter((layerDigest) => isDigest(layerDigest) && repository.blobs.has(layerDigest))
      .map((layerDigest) => ({ layerDigest, layerAvailability: "AVAILABLE" }));
    return { layers, failures: [] };
  },
  DescribeRepositories: (state, input) => {
    const names = input["repositoryNames"] as string[];
    for (const repositoryName of names) repositoryOf(state, { ...input, repositoryName });
    return { repositories: names.map((repositoryName) => ({ repositoryName })) };
  },
  GetAuthorizationToken: (state) => ({
    authorizationData: [
      { authorizationToken: Buffer.from("AWS:pass:word").toString("base64"), proxyEndpoint: state.url },
    ],
  }),
};
