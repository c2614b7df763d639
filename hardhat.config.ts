import { fileURLToPath } from 'node:url'
import hardhatEthers from '@nomicfoundation/hardhat-ethers'
import hardhatMocha from '@nomicfoundation/hardhat-mocha'
import { defineConfig } from 'hardhat/config'

/** The compiler comes from the npm package `solc`, so that nothing is downloaded when building. */
const solcPath = fileURLToPath(import.meta.resolve('solc/soljson.js'))

export default defineConfig({
  plugins: [hardhatEthers, hardhatMocha],
  solidity: {
    version: '0.8.37',
    path: solcPath,
    settings: {
      evmVersion: 'cancun',
      viaIR: true,
      optimizer: { enabled: true, runs: 10_000 },
      // Code hashes stay the same when only a comment changes.
      metadata: { bytecodeHash: 'none' },
      outputSelection: { '*': { '*': ['storageLayout'] } },
    },
  },
  networks: {
    default: {
      type: 'edr-simulated',
      chainType: 'l1',
      hardfork: 'cancun',
    },
  },
  test: {
    mocha: { timeout: 60_000 },
    solidity: {
      profiles: {
        default: { fuzz: { runs: 64 }, invariant: { runs: 16, depth: 100 } },
        nightly: { fuzz: { runs: 10_000 }, invariant: { runs: 500, depth: 100 } },
      },
    },
  },
  paths: { tests: { mocha: 'test/contracts', solidity: 'test/contracts' } },
})
