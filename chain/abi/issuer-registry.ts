// Made by scripts/compile-contracts.ts from the compiler's output; do not edit.

/** ABI of contracts/trust/IssuerRegistry.sol. */
export const issuerRegistryAbi = [
  { inputs: [{ name: 'cities', type: 'address' }, { name: 'guardian_', type: 'address' }], stateMutability: 'nonpayable', type: 'constructor' },
  { inputs: [{ name: 'city', type: 'bytes5' }, { name: 'thumbprint', type: 'bytes32' }, { name: 'typeId', type: 'bytes32' }], name: 'IssuerRegistryAlreadyAccredited', type: 'error' },
  { inputs: [{ name: 'x', type: 'bytes32' }, { name: 'y', type: 'bytes32' }], name: 'IssuerRegistryInvalidKey', type: 'error' },
  { inputs: [{ name: 'validFrom', type: 'uint64' }, { name: 'validUntil', type: 'uint64' }], name: 'IssuerRegistryInvalidPeriod', type: 'error' },
  { inputs: [{ name: 'credentialType', type: 'string' }], name: 'IssuerRegistryInvalidType', type: 'error' },
  { inputs: [{ name: 'untrustedFrom', type: 'uint64' }, { name: 'current', type: 'uint64' }], name: 'IssuerRegistryInvalidWithdrawal', type: 'error' },
  { inputs: [{ name: 'city', type: 'bytes5' }, { name: 'thumbprint', type: 'bytes32' }, { name: 'typeId', type: 'bytes32' }], name: 'IssuerRegistryNotAccredited', type: 'error' },
  { anonymous: false, inputs: [{ indexed: true, name: 'city', type: 'bytes5' }, { indexed: true, name: 'thumbprint', type: 'bytes32' }, { indexed: true, name: 'typeId', type: 'bytes32' }, { indexed: false, name: 'x', type: 'bytes32' }, { indexed: false, name: 'y', type: 'bytes32' }, { indexed: false, name: 'credentialType', type: 'string' }, { indexed: false, name: 'validFrom', type: 'uint64' }, { indexed: false, name: 'validUntil', type: 'uint64' }], name: 'IssuerAccredited', type: 'event' },
  { anonymous: false, inputs: [{ indexed: true, name: 'city', type: 'bytes5' }, { indexed: true, name: 'thumbprint', type: 'bytes32' }, { indexed: true, name: 'typeId', type: 'bytes32' }, { indexed: false, name: 'untrustedFrom', type: 'uint64' }], name: 'IssuerWithdrawn', type: 'event' },
  { inputs: [{ name: 'city', type: 'bytes5' }, { name: 'x', type: 'bytes32' }, { name: 'y', type: 'bytes32' }, { name: 'credentialType', type: 'string' }, { name: 'validFrom', type: 'uint64' }, { name: 'validUntil', type: 'uint64' }], name: 'accredit', outputs: [], stateMutability: 'nonpayable', type: 'function' },
  { inputs: [{ name: 'city', type: 'bytes5' }, { name: 'thumbprint', type: 'bytes32' }, { name: 'typeId', type: 'bytes32' }], name: 'accreditationOf', outputs: [{ components: [{ name: 'validFrom', type: 'uint64' }, { name: 'validUntil', type: 'uint64' }, { name: 'untrustedFrom', type: 'uint64' }], name: 'accreditation', type: 'tuple' }], stateMutability: 'view', type: 'function' },
  { inputs: [], name: 'cityRegistry', outputs: [{ name: 'registry', type: 'address' }], stateMutability: 'view', type: 'function' },
  { inputs: [], name: 'guardian', outputs: [{ name: 'guardian_', type: 'address' }], stateMutability: 'view', type: 'function' },
  { inputs: [{ name: 'city', type: 'bytes5' }, { name: 'thumbprint', type: 'bytes32' }, { name: 'typeId', type: 'bytes32' }, { name: 'time', type: 'uint64' }], name: 'isTrustedAt', outputs: [{ name: 'trusted', type: 'bool' }], stateMutability: 'view', type: 'function' },
  { inputs: [{ name: 'x', type: 'bytes32' }, { name: 'y', type: 'bytes32' }], name: 'thumbprintOf', outputs: [{ name: 'thumbprint', type: 'bytes32' }], stateMutability: 'pure', type: 'function' },
  { inputs: [{ name: 'city', type: 'bytes5' }, { name: 'thumbprint', type: 'bytes32' }, { name: 'typeId', type: 'bytes32' }, { name: 'untrustedFrom', type: 'uint64' }], name: 'withdraw', outputs: [], stateMutability: 'nonpayable', type: 'function' },
] as const
