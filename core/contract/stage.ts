/**
 * The steps of reaching one station, in order; those that do not apply are left out. `connect` of a later hop is what the hop before
 * it was asked to do; `request` and `first_byte` belong to the target. `transport` is WebSocket, HTTP/2 and the like.
 */
export type Stage =
  'resolve' | 'connect' | 'tls' | 'transport' | 'method' | 'sign_in' | 'request' | 'first_byte';
