/** What `docker push` has said so far: one state per layer, and at the end the manifest's digest. */
export interface PushState {
  readonly layers: ReadonlyMap<string, string>;
  readonly digest: string | undefined;
}

export const nothingSaid: PushState = { layers: new Map(), digest: undefined };

/** Reads one line of `docker push` off a terminal, e.g. `5f70bf18a086: Layer already exists`, `1.0: digest: sha256:… size: 528`. */
export function readPushLine(state: PushState, line: string): PushState {
  const digest = /: digest: (sha256:[0-9a-f]{64}) size: \d+$/.exec(line)?.[1];
  if (digest !== undefined) return { ...state, digest };
  const layer = /^([0-9a-f]{12}): (.+)$/.exec(line);
  if (layer?.[1] === undefined || layer[2] === undefined) return state;
  return { ...state, layers: new Map(state.layers).set(layer[1], layer[2]) };
}

const finished = /^(?:Pushed|Layer already exists|Mounted from)/;

/** "3/5 layers". */
export function pushProgress(state: PushState): string {
  const all = [...state.layers.values()];
  return layersDone(all.filter((text) => finished.test(text)).length, all.length);
}

/** "3/5 layers", however they are pushed. */
export function layersDone(done: number, all: number): string {
  return `${String(done)}/${String(all)} layers`;
}
