// What actions may reach outside of their platform, and whom they ask for names; the same for all drivers that isolate.

/** Public addresses and the name servers; everything but this node and other containers; nothing. */
export type Egress = 'internet' | 'all' | 'none';

/** Nobody's in the public Internet: where the platform, the operator's other machines and clouds' metadata services are. */
export const privateNetworks = [
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12'],
  ...['192.0.0.0/24', '192.168.0.0/16', '198.18.0.0/15', '224.0.0.0/4', '240.0.0.0/4'],
];
