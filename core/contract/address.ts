/**
 * A place on the network. `host` is an IPv4 or IPv6 literal without brackets, or a name; `port` is 0–65535.
 * The same shape travels through the engine and over the contract to the window.
 */
export interface Address {
  readonly host: string;
  readonly port: number;
}
