import {
  EdrContext, L1_CHAIN_TYPE, L1Hardfork, l1GenesisState, l1HardforkFromString, l1HardforkToString, l1SolidityTestRunnerFactory, TestStatus,
  type AccountOverride, type Artifact, type ArtifactId,
} from '@nomicfoundation/edr'
import { compiler, rootDir, type SolcOutput, type Sources } from './sources.ts'

/** How the tests run. */
export interface RunOptions {
  readonly fuzzRuns: number
  readonly invariantRuns?: number
  readonly invariantDepth?: number
  /** Only tests whose name matches. */
  readonly pattern?: string
  readonly excludePattern?: string
  /** Accounts that are there before the first contract. */
  readonly accounts?: readonly AccountOverride[]
  /** Called with the tags that instrumented code left. */
  readonly onHits?: (tags: readonly Uint8Array[]) => void
}

/** One test that failed. */
export interface FailedTest {
  readonly suite: string
  readonly test: string
  readonly reason: string
}

/** What came of a run. */
export interface RunResult {
  readonly passed: number
  readonly failed: readonly FailedTest[]
}

/** Same seed, same inputs: a mutant that one run kills, the next kills too. */
const seed = '0x53796d626f6c6f6e'

/** Above any honest test: a loop that never ends meets it. */
const gasLimit = 150_000_000n

/** Where all suites begin, and where the cheat codes stand. */
const unrepeatable = [
  { path: 'test/contracts/FederationTest.sol', from: 'vm.warp(NOW);', to: 'vm.warp(NOW); vm.unixTime();' },
  { path: 'test/contracts/Vm.sol', from: 'interface Vm {', to: 'interface Vm { function unixTime() external returns (uint256);' },
]

/**
 * Sources of tests that the engine does not repeat when they fail. It would do so to trace every step, which takes longer
 * than the test and, for a loop that never ends, all memory of the machine; but not after a test has asked for the time
 * of day, because it might end otherwise.
 */
export function withoutRepeats(sources: Sources): Map<string, string> {
  const changed = new Map(sources)
  for (const { path, from, to } of unrepeatable) {
    const text = changed.get(path)
    if (text?.includes(from) !== true) throw new Error(`${path} no longer says ${from}`)
    changed.set(path, text.replace(from, to))
  }
  return changed
}

let context: Promise<EdrContext> | undefined

async function edr(): Promise<EdrContext> {
  context ??= (async () => {
    const created = new EdrContext()
    await created.registerSolidityTestRunnerFactory(L1_CHAIN_TYPE, l1SolidityTestRunnerFactory())
    return created
  })()
  return await context
}

/** The artifacts of a compilation, as the test runner takes them. */
export function artifactsOf(output: SolcOutput): Artifact[] {
  const solcVersion = /^\d+\.\d+\.\d+/.exec(compiler().version())?.[0] ?? ''
  return Object.entries(output.contracts ?? {}).flatMap(([source, contracts]) =>
    Object.entries(contracts).map(([name, { abi, evm }]) => ({
      id: { name, source, solcVersion },
      contract: { abi: JSON.stringify(abi), bytecode: `0x${evm.bytecode.object}`, deployedBytecode: `0x${evm.deployedBytecode.object}` },
    })),
  )
}

/** The artifacts that are test suites: with code, and a function whose name begins with `test` or `invariant`. */
export function suitesOf(artifacts: readonly Artifact[]): ArtifactId[] {
  return artifacts
    .filter(({ contract }) => contract.bytecode !== '0x' && /"name":"(test|invariant)/.test(contract.abi))
    .map(({ id }) => id)
}

/** Runs Solidity tests on Hardhat's engine, without Hardhat around it: nothing is written and nothing compiled. */
export async function runTests(artifacts: readonly Artifact[], suites: readonly ArtifactId[], options: RunOptions): Promise<RunResult> {
  const { fuzzRuns, invariantRuns = 4, invariantDepth = 20, pattern, excludePattern, accounts = [], onHits } = options
  const failed: FailedTest[] = []
  let passed = 0
  let reported = 0
  // The engine may say that all is over before it has told of the last suite.
  let allReported = (): void => {}
  const reports = new Promise<void>((resolve) => { allReported = resolve })
  const hardfork = l1HardforkToString(L1Hardfork.Cancun)
  await (await edr()).runSolidityTests(
    L1_CHAIN_TYPE,
    [...artifacts],
    [...suites],
    {
      projectRoot: rootDir,
      hardfork,
      gasLimit,
      disableBlockGasLimit: true,
      disableTransactionGasCap: true,
      localPredeploys: [...l1GenesisState(l1HardforkFromString(hardfork)), ...accounts],
      fuzz: { runs: fuzzRuns, seed },
      invariant: { runs: invariantRuns, depth: invariantDepth, shrinkRunLimit: 0 },
      ...(pattern === undefined ? {} : { testPattern: pattern }),
      ...(excludePattern === undefined ? {} : { excludeTestPattern: excludePattern }),
      ...(onHits === undefined
        ? {}
        : { observability: { codeCoverage: { onCollectedCoverageCallback: (tags: Uint8Array[]) => Promise.resolve(onHits(tags)) } } }),
    },
    {},
    ({ id, testResults }) => {
      for (const { name, status, reason } of testResults) {
        if (status === TestStatus.Failure) failed.push({ suite: id.name, test: name, reason: reason ?? '' })
        else passed += 1
      }
      if (++reported === suites.length) allReported()
    },
  )
  if (suites.length > 0) await reports
  return { passed, failed }
}
