import { globSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import hardhatEthers from '@nomicfoundation/hardhat-ethers'
import hardhatMocha from '@nomicfoundation/hardhat-mocha'
import { defineConfig } from 'hardhat/config'

/** The compiler comes from the npm package `solc`, so that nothing is downloaded when building. */
const solcPath = fileURLToPath(import.meta.resolve('solc/soljson.js'))

const compiler = { version: '0.8.37', path: solcPath }

/**
 * In the short profile tests, with the contracts they test, are compiled without the intermediate language, each file only
 * when it changed: much faster. The nightly profile runs them on the very code that is deployed, as the TypeScript tests
 * always do.
 */
const testOverrides = process.env.SYMBOLON_TEST_PROFILE === 'nightly'
  ? {}
  : Object.fromEntries(
    globSync('test/contracts/**/*.t.sol', { cwd: import.meta.dirname })
      .map((path) => [path.replaceAll('\\', '/'), { ...compiler, settings: { evmVersion: 'cancun', optimizer: { enabled: true, runs: 200 } } }])
  )

export default defineConfig({
  plugins: [hardhatEthers, hardhatMocha],
  solidity: {
    compilers: [{
      ...compiler,
      settings: {
        evmVersion: 'cancun',
        viaIR: true,
        optimizer: { enabled: true, runs: 10_000 },
        // Code hashes stay the same when only a comment changes.
        metadata: { bytecodeHash: 'none' },
        outputSelection: { '*': { '*': ['storageLayout'] } },
      },
    }],
    overrides: testOverrides,
  },
  networks: {
    default: {
      type: 'edr-simulated',
      chainType: 'l1',
      hardfork: 'cancun',
    },
    // Its address is known when a test starts it.
    ethereumjs: { type: 'http', chainType: 'l1', url: 'http://127.0.0.1:1' },
  },
  test: {
    mocha: { timeout: 60_000 },
    solidity: {
      profiles: {
        default: { fuzz: { runs: 64 }, invariant: { runs: 16, depth: 100 } },
        nightly: { fuzz: { runs: 10_000 }, invariant: { runs: 10_000, depth: 40 } },
      },
    },
  },
  paths: { tests: { mocha: 'test/contracts', solidity: 'test/contracts' } },
})
