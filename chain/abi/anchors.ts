// Made by scripts/compile-contracts.ts from the compiler's output; do not edit.

/** ABI of contracts/anchors/Anchors.sol. */
export const anchorsAbi = [
  { inputs: [{ name: 'cities', type: 'address' }, { name: 'guardian_', type: 'address' }], stateMutability: 'nonpayable', type: 'constructor' },
  { inputs: [{ name: 'city', type: 'bytes5' }, { name: 'log', type: 'uint8' }], name: 'AnchorsMissingRoot', type: 'error' },
  { inputs: [{ name: 'city', type: 'bytes5' }, { name: 'log', type: 'uint8' }, { name: 'size', type: 'uint64' }, { name: 'current', type: 'uint64' }], name: 'AnchorsNotGrowing', type: 'error' },
  { anonymous: false, inputs: [{ indexed: true, name: 'city', type: 'bytes5' }, { indexed: true, name: 'log', type: 'uint8' }, { indexed: false, name: 'size', type: 'uint64' }, { indexed: false, name: 'root', type: 'bytes32' }], name: 'Anchored', type: 'event' },
  { inputs: [{ name: 'city', type: 'bytes5' }, { name: 'log', type: 'uint8' }, { name: 'size', type: 'uint64' }, { name: 'root', type: 'bytes32' }], name: 'anchor', outputs: [], stateMutability: 'nonpayable', type: 'function' },
  { inputs: [], name: 'cityRegistry', outputs: [{ name: 'registry', type: 'address' }], stateMutability: 'view', type: 'function' },
  { inputs: [], name: 'guardian', outputs: [{ name: 'guardian_', type: 'address' }], stateMutability: 'view', type: 'function' },
  { inputs: [{ name: 'city', type: 'bytes5' }, { name: 'log', type: 'uint8' }], name: 'head', outputs: [{ components: [{ name: 'size', type: 'uint64' }, { name: 'time', type: 'uint64' }, { name: 'root', type: 'bytes32' }], name: 'latest', type: 'tuple' }], stateMutability: 'view', type: 'function' },
] as const
