// Made by scripts/compile-contracts.ts from the compiler's output; do not edit.

/** ABI of contracts/rewards/Settlement.sol. */
export const settlementAbi = [
  { inputs: [{ name: 'programs', type: 'address' }], stateMutability: 'nonpayable', type: 'constructor' },
  { inputs: [{ name: 'ref', type: 'bytes32' }], name: 'SettlementAlreadyPaid', type: 'error' },
  { inputs: [{ name: 'ref', type: 'bytes32' }], name: 'SettlementAlreadyRequested', type: 'error' },
  { inputs: [{ name: 'units', type: 'uint256' }], name: 'SettlementInvalidUnits', type: 'error' },
  { inputs: [{ name: 'ref', type: 'bytes32' }], name: 'SettlementMissingBankReference', type: 'error' },
  { inputs: [{ name: 'program', type: 'bytes32' }], name: 'SettlementUnknownProgram', type: 'error' },
  { inputs: [{ name: 'ref', type: 'bytes32' }], name: 'SettlementUnknownRequest', type: 'error' },
  { anonymous: false, inputs: [{ indexed: true, name: 'ref', type: 'bytes32' }, { indexed: false, name: 'bankReferenceHash', type: 'bytes32' }], name: 'SettlementPaid', type: 'event' },
  { anonymous: false, inputs: [{ indexed: true, name: 'ref', type: 'bytes32' }, { indexed: true, name: 'program', type: 'bytes32' }, { indexed: false, name: 'city', type: 'bytes5' }, { indexed: true, name: 'merchant', type: 'address' }, { indexed: false, name: 'units', type: 'uint256' }], name: 'SettlementRequested', type: 'event' },
  { inputs: [{ name: 'program', type: 'bytes32' }], name: 'burntOf', outputs: [{ name: 'units', type: 'uint256' }], stateMutability: 'view', type: 'function' },
  { inputs: [], name: 'cityRegistry', outputs: [{ name: 'registry', type: 'address' }], stateMutability: 'view', type: 'function' },
  { inputs: [{ name: 'city', type: 'bytes5' }, { name: 'merchant', type: 'address' }], name: 'debtOf', outputs: [{ name: 'units', type: 'uint256' }], stateMutability: 'view', type: 'function' },
  { inputs: [{ name: 'ref', type: 'bytes32' }, { name: 'bankReferenceHash', type: 'bytes32' }], name: 'markPaid', outputs: [], stateMutability: 'nonpayable', type: 'function' },
  { inputs: [{ name: 'program', type: 'bytes32' }, { name: 'units', type: 'uint256' }, { name: 'ref', type: 'bytes32' }], name: 'request', outputs: [], stateMutability: 'nonpayable', type: 'function' },
  { inputs: [{ name: 'ref', type: 'bytes32' }], name: 'requestOf', outputs: [{ components: [{ name: 'merchant', type: 'address' }, { name: 'city', type: 'bytes5' }, { name: 'paid', type: 'bool' }, { name: 'program', type: 'bytes32' }, { name: 'units', type: 'uint256' }], name: 'record', type: 'tuple' }], stateMutability: 'view', type: 'function' },
  { inputs: [], name: 'rewardPrograms', outputs: [{ name: 'programs', type: 'address' }], stateMutability: 'view', type: 'function' },
  { inputs: [], name: 'rewardToken', outputs: [{ name: 'token', type: 'address' }], stateMutability: 'view', type: 'function' },
] as const
