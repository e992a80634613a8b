import { CPU } from '../../config/schema.js';

/** Names and addresses that mean another server on every machine, as a URL has them. */
const EVERYWHERE =
  /^(localhost|.+\.localhost|127\.[\d.]+|0\.0\.0\.0|\[::1?\]|\[::ffff:7f[\da-f:]+\]|host\.(docker|containers)\.internal)$/;

/**
 * What a host is called among machines that share runs: its address, and where every machine has one of that address,
 * the machine behind it: `http://127.0.0.1:11434#gpu1`, `cpu#gpu1`.
 *
 * @param address - URL without credentials, or `cpu`
 */
export function fleetHost(address: string, machine: string): string {
  return isEverywhere(address) ? `${address}#${machine}` : address;
}

/** Whether an address means another host on every machine. */
export function isEverywhere(address: string): boolean {
  return address === CPU || (URL.canParse(address) && EVERYWHERE.test(new URL(address).hostname));
}

/** The address in a host's name, and the machine behind it; null where none is named. */
export function partsOf(host: string): { readonly address: string; readonly machine: string | null } {
  const [, address = host, machine = null] = /^(.+)#([\w.-]+)$/.exec(host) ?? [];
  return { address, machine };
}
