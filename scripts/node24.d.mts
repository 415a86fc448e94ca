/** Path of a Node 24, fetched if need be. Throws an Error with one sentence that says why there is none. */
export function node24(): string;
