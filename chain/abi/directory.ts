// Made by scripts/compile-contracts.ts from the compiler's output; do not edit.

/** ABI of contracts/federation/Directory.sol. */
export const directoryAbi = [
  { inputs: [{ name: 'initialOwner', type: 'address' }], stateMutability: 'nonpayable', type: 'constructor' },
  { inputs: [{ name: 'target', type: 'address' }, { name: 'expected', type: 'bytes32' }, { name: 'actual', type: 'bytes32' }], name: 'DirectoryCodeHashMismatch', type: 'error' },
  { inputs: [], name: 'DirectoryEmptyName', type: 'error' },
  { inputs: [{ name: 'target', type: 'address' }], name: 'DirectoryNoCode', type: 'error' },
  { inputs: [{ name: 'owner', type: 'address' }], name: 'OwnableInvalidOwner', type: 'error' },
  { inputs: [{ name: 'account', type: 'address' }], name: 'OwnableUnauthorizedAccount', type: 'error' },
  { anonymous: false, inputs: [{ indexed: true, name: 'name', type: 'bytes32' }, { indexed: false, name: 'target', type: 'address' }, { indexed: false, name: 'codeHash', type: 'bytes32' }], name: 'EntryChanged', type: 'event' },
  { anonymous: false, inputs: [{ indexed: true, name: 'previousOwner', type: 'address' }, { indexed: true, name: 'newOwner', type: 'address' }], name: 'OwnershipTransferStarted', type: 'event' },
  { anonymous: false, inputs: [{ indexed: true, name: 'previousOwner', type: 'address' }, { indexed: true, name: 'newOwner', type: 'address' }], name: 'OwnershipTransferred', type: 'event' },
  { inputs: [], name: 'acceptOwnership', outputs: [], stateMutability: 'nonpayable', type: 'function' },
  { inputs: [{ name: 'target', type: 'address' }], name: 'codeHashOf', outputs: [{ name: 'codeHash', type: 'bytes32' }], stateMutability: 'view', type: 'function' },
  { inputs: [{ name: 'name', type: 'bytes32' }], name: 'get', outputs: [{ name: 'target', type: 'address' }, { name: 'codeHash', type: 'bytes32' }], stateMutability: 'view', type: 'function' },
  { inputs: [], name: 'owner', outputs: [{ name: '', type: 'address' }], stateMutability: 'view', type: 'function' },
  { inputs: [], name: 'pendingOwner', outputs: [{ name: '', type: 'address' }], stateMutability: 'view', type: 'function' },
  { inputs: [], name: 'renounceOwnership', outputs: [], stateMutability: 'nonpayable', type: 'function' },
  { inputs: [{ name: 'name', type: 'bytes32' }, { name: 'target', type: 'address' }, { name: 'codeHash', type: 'bytes32' }], name: 'set', outputs: [], stateMutability: 'nonpayable', type: 'function' },
  { inputs: [{ name: 'newOwner', type: 'address' }], name: 'transferOwnership', outputs: [], stateMutability: 'nonpayable', type: 'function' },
] as const
