import { BlockList, isIP } from 'node:net';

/**
 * IPv4 ranges that are not of the public internet.
 * Source: IANA IPv4 Special-Purpose Address Registry, and 224.0.0.0/4 of the address space registry; Microsoft, "What is
 * IP address 168.63.129.16?".
 */
const PRIVATE_V4: readonly (readonly [network: string, prefix: number])[] = [
  ['0.0.0.0', 8], // this network, the unspecified address
  ['10.0.0.0', 8], // private
  ['100.64.0.0', 10], // carrier-grade NAT
  ['127.0.0.0', 8], // loopback
  ['168.63.129.16', 32], // Azure's platform, which answers its own machines only
  ['169.254.0.0', 16], // link-local, a cloud's metadata service
  ['172.16.0.0', 12], // private
  ['192.0.0.0', 24], // protocol assignments
  ['192.0.2.0', 24], // documentation
  ['192.88.99.0', 24], // 6to4 relays, given up
  ['192.168.0.0', 16], // private
  ['198.18.0.0', 15], // benchmarks
  ['198.51.100.0', 24], // documentation
  ['203.0.113.0', 24], // documentation
  ['224.0.0.0', 4], // multicast
  ['240.0.0.0', 4], // reserved, broadcast
];

/**
 * The IPv6 ranges that lead to the public internet: global unicast, and IPv4 addresses as mapped or as NAT64 writes
 * them. All else is loopback, unique-local, link-local, multicast or reserved.
 * Source: IANA IPv6 Address Space; RFC 4291 §2.5.5.2 (mapped); RFC 6052 §2.1 (NAT64).
 */
const PUBLIC_V6: readonly (readonly [network: string, prefix: number])[] = [
  ['2000::', 3],
  ['::ffff:0.0.0.0', 96],
  ['64:ff9b::', 96],
];

/** Parts of global unicast that are not public. Source: IANA IPv6 Special-Purpose Address Registry. */
const PRIVATE_V6: readonly (readonly [network: string, prefix: number])[] = [
  ['2001::', 23], // protocol assignments: Teredo, benchmarks, ORCHID
  ['2001:db8::', 32], // documentation
  ['3fff::', 20], // documentation
];

const V4 = blockList(PRIVATE_V4, 'ipv4');
const PUBLIC = blockList(PUBLIC_V6, 'ipv6');
const NOT_PUBLIC = blockList([...PRIVATE_V6, ...PRIVATE_V4.flatMap(inV6)], 'ipv6');

/**
 * Whether an IPv4 or IPv6 address is anything but one of the public internet: private, loopback, link-local, shared,
 * multicast, broadcast, unspecified, documentation, benchmark or reserved, or an IPv6 address that holds such an IPv4
 * address. Text that is no address counts as private.
 */
export function isPrivateAddress(address: string): boolean {
  const [bare = ''] = address.split('%'); // a zone says only which interface
  const version = isIP(bare);
  if (version === 4) return V4.check(bare, 'ipv4');
  return version !== 6 || !PUBLIC.check(bare, 'ipv6') || NOT_PUBLIC.check(bare, 'ipv6');
}

/** An IPv4 range as mapped, NAT64 and 6to4 (RFC 3056 §2) addresses hold it. */
function inV6([network, prefix]: readonly [string, number]): readonly (readonly [string, number])[] {
  const hex = network.split('.').map((byte) => Number(byte).toString(16).padStart(2, '0'));
  return [
    [`::ffff:${network}`, 96 + prefix],
    [`64:ff9b::${network}`, 96 + prefix],
    [`2002:${hex.slice(0, 2).join('')}:${hex.slice(2).join('')}::`, 16 + prefix],
  ];
}

function blockList(ranges: readonly (readonly [string, number])[], family: 'ipv4' | 'ipv6'): BlockList {
  const list = new BlockList();
  for (const [network, prefix] of ranges) list.addSubnet(network, prefix, family);
  return list;
}
