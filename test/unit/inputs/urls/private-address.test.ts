import { describe, expect, it } from 'vitest';
import { isPrivateAddress } from '../../../../src/inputs/urls/private-address.js';

const PRIVATE = {
  unspecified: ['0.0.0.0', '0.1.2.3', '::'],
  private: ['10.0.0.0', '10.255.255.255', '172.16.0.1', '172.31.255.255', '192.168.0.1', '192.168.255.255'],
  loopback: ['127.0.0.1', '127.255.255.255', '::1'],
  'link-local': ['169.254.0.1', '169.254.169.254', 'fe80::1', 'fe80::1%eth0', 'febf::1'],
  "a cloud's platform": ['168.63.129.16', '::ffff:168.63.129.16'],
  'carrier-grade NAT': ['100.64.0.0', '100.127.255.255'],
  'multicast and broadcast': ['224.0.0.1', '239.255.255.255', '255.255.255.255', 'ff02::1'],
  'documentation and benchmark': [
    ...['192.0.2.1', '198.51.100.1', '203.0.113.255', '198.18.0.1', '198.19.255.255'],
    ...['2001:db8::1', '3fff::1', '2001:2::1'],
  ],
  'unique-local and site-local': ['fc00::1', 'fdff::1', 'fd00:ec2::254', 'fec0::1'],
  reserved: ['192.0.0.1', '192.88.99.1', '240.0.0.1', '100::1', '4000::1', '5f00::1', '64:ff9b:1::1', '2001::1'],
  mapped: ['::ffff:127.0.0.1', '::ffff:7f00:1', '0:0:0:0:0:FFFF:10.1.2.3', '::ffff:169.254.169.254'],
  compatible: ['::127.0.0.1', '::10.0.0.1', '::7f00:1'],
  '6to4': ['2002:7f00:1::', '2002:a00:1::1', '2002:c0a8:101::1', '2002:a9fe:a9fe::'],
  NAT64: ['64:ff9b::127.0.0.1', '64:ff9b::a9fe:a9fe', '64:ff9b::192.168.1.1'],
  'no address': ['', 'localhost', '127.1', '0x7f.0.0.1', '[::1]', '1.2.3.4.5'],
};

const PUBLIC = {
  IPv4: ['8.8.8.8', '1.1.1.1', '9.255.255.255', '11.0.0.0', '93.184.216.34', '223.255.255.255'],
  'IPv4 beside a private range': [
    ...['168.63.129.15', '168.63.129.17'],
    ...['100.63.255.255', '100.128.0.0', '126.255.255.255', '128.0.0.0', '169.253.255.255', '169.255.0.0'],
    ...['172.15.255.255', '172.32.0.0', '192.0.1.1', '192.167.255.255', '192.169.0.0', '198.17.255.255', '198.20.0.0'],
  ],
  IPv6: ['2606:4700::1111', '2a00:1450:4001:80e::200e', '2001:4860:4860::8888', '2001:200::1', '2001:db9::1'],
  'mapped, 6to4 and NAT64 of a public address': ['::ffff:8.8.8.8', '2002:808:808::1', '64:ff9b::8.8.8.8'],
};

describe('an address is private', () => {
  it.each(Object.entries(PRIVATE))('where it is: %s', (_, addresses) => {
    expect(addresses.filter((address) => !isPrivateAddress(address))).toEqual([]);
  });

  it.each(Object.entries(PUBLIC))('not where it is: %s', (_, addresses) => {
    expect(addresses.filter(isPrivateAddress)).toEqual([]);
  });
});
