// Made by scripts/compile-contracts.ts from the compiler's output; do not edit.

/** ABI of contracts/status/StatusLists.sol. */
export const statusListsAbi = [
  { inputs: [{ name: 'cities', type: 'address' }, { name: 'guardian_', type: 'address' }], stateMutability: 'nonpayable', type: 'constructor' },
  { inputs: [{ name: 'listId', type: 'bytes32' }], name: 'StatusListsAlreadyExists', type: 'error' },
  { inputs: [{ name: 'size', type: 'uint32' }], name: 'StatusListsInvalidSize', type: 'error' },
  { inputs: [{ name: 'uri', type: 'string' }], name: 'StatusListsInvalidUri', type: 'error' },
  { inputs: [{ name: 'listId', type: 'bytes32' }], name: 'StatusListsMissingDigest', type: 'error' },
  { inputs: [{ name: 'listId', type: 'bytes32' }], name: 'StatusListsUnknownList', type: 'error' },
  { inputs: [{ name: 'listId', type: 'bytes32' }, { name: 'epoch', type: 'uint64' }, { name: 'expected', type: 'uint64' }], name: 'StatusListsWrongEpoch', type: 'error' },
  { anonymous: false, inputs: [{ indexed: true, name: 'listId', type: 'bytes32' }, { indexed: true, name: 'epoch', type: 'uint64' }, { indexed: false, name: 'digest', type: 'bytes32' }, { indexed: false, name: 'delta', type: 'bytes' }], name: 'EpochPublished', type: 'event' },
  { anonymous: false, inputs: [{ indexed: true, name: 'city', type: 'bytes5' }, { indexed: true, name: 'listId', type: 'bytes32' }, { indexed: false, name: 'uri', type: 'string' }, { indexed: false, name: 'size', type: 'uint32' }], name: 'ListCreated', type: 'event' },
  { inputs: [{ name: 'listId', type: 'bytes32' }], name: 'cityOf', outputs: [{ name: 'city', type: 'bytes5' }], stateMutability: 'view', type: 'function' },
  { inputs: [], name: 'cityRegistry', outputs: [{ name: 'registry', type: 'address' }], stateMutability: 'view', type: 'function' },
  { inputs: [{ name: 'city', type: 'bytes5' }, { name: 'uri', type: 'string' }, { name: 'size', type: 'uint32' }], name: 'create', outputs: [], stateMutability: 'nonpayable', type: 'function' },
  { inputs: [], name: 'guardian', outputs: [{ name: 'guardian_', type: 'address' }], stateMutability: 'view', type: 'function' },
  { inputs: [{ name: 'listId', type: 'bytes32' }], name: 'head', outputs: [{ name: 'epoch', type: 'uint64' }, { name: 'digest', type: 'bytes32' }, { name: 'size', type: 'uint32' }, { name: 'time', type: 'uint64' }], stateMutability: 'view', type: 'function' },
  { inputs: [{ name: 'listId', type: 'bytes32' }, { name: 'epoch', type: 'uint64' }, { name: 'digest', type: 'bytes32' }, { name: 'delta', type: 'bytes' }], name: 'publish', outputs: [], stateMutability: 'nonpayable', type: 'function' },
] as const
