// Made by scripts/compile-contracts.ts from the compiler's output; do not edit.

/** ABI of contracts/trust/RecognitionRegistry.sol. */
export const recognitionRegistryAbi = [
  { inputs: [{ name: 'cities', type: 'address' }, { name: 'guardian_', type: 'address' }], stateMutability: 'nonpayable', type: 'constructor' },
  { inputs: [{ name: 'validUntil', type: 'uint64' }], name: 'RecognitionRegistryInvalidPeriod', type: 'error' },
  { inputs: [{ name: 'credentialType', type: 'string' }], name: 'RecognitionRegistryInvalidType', type: 'error' },
  { inputs: [{ name: 'issuer', type: 'bytes5' }], name: 'RecognitionRegistryIssuerNotActive', type: 'error' },
  { inputs: [{ name: 'benefitClasses', type: 'uint256' }], name: 'RecognitionRegistryNoBenefits', type: 'error' },
  { inputs: [{ name: 'recogniser', type: 'bytes5' }, { name: 'issuer', type: 'bytes5' }, { name: 'typeId', type: 'bytes32' }], name: 'RecognitionRegistryNotRecognised', type: 'error' },
  { inputs: [{ name: 'city', type: 'bytes5' }], name: 'RecognitionRegistrySelfRecognition', type: 'error' },
  { anonymous: false, inputs: [{ indexed: true, name: 'recogniser', type: 'bytes5' }, { indexed: true, name: 'issuer', type: 'bytes5' }, { indexed: true, name: 'typeId', type: 'bytes32' }, { indexed: false, name: 'credentialType', type: 'string' }, { indexed: false, name: 'benefitClasses', type: 'uint256' }, { indexed: false, name: 'validUntil', type: 'uint64' }], name: 'RecognitionGranted', type: 'event' },
  { anonymous: false, inputs: [{ indexed: true, name: 'recogniser', type: 'bytes5' }, { indexed: true, name: 'issuer', type: 'bytes5' }, { indexed: true, name: 'typeId', type: 'bytes32' }], name: 'RecognitionWithdrawn', type: 'event' },
  { inputs: [], name: 'cityRegistry', outputs: [{ name: 'registry', type: 'address' }], stateMutability: 'view', type: 'function' },
  { inputs: [], name: 'guardian', outputs: [{ name: 'guardian_', type: 'address' }], stateMutability: 'view', type: 'function' },
  { inputs: [{ name: 'recogniser', type: 'bytes5' }, { name: 'issuer', type: 'bytes5' }, { name: 'credentialType', type: 'string' }, { name: 'benefitClasses', type: 'uint256' }, { name: 'validUntil', type: 'uint64' }], name: 'recognise', outputs: [], stateMutability: 'nonpayable', type: 'function' },
  { inputs: [{ name: 'recogniser', type: 'bytes5' }, { name: 'issuer', type: 'bytes5' }, { name: 'typeId', type: 'bytes32' }], name: 'recognitionOf', outputs: [{ components: [{ name: 'benefitClasses', type: 'uint256' }, { name: 'validUntil', type: 'uint64' }], name: 'recognition', type: 'tuple' }], stateMutability: 'view', type: 'function' },
  { inputs: [{ name: 'recogniser', type: 'bytes5' }, { name: 'issuer', type: 'bytes5' }, { name: 'typeId', type: 'bytes32' }], name: 'withdraw', outputs: [], stateMutability: 'nonpayable', type: 'function' },
] as const
