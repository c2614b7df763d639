import { randomBytes } from 'node:crypto'
import { compressNatively } from '../agent/status/compression-node.ts'
import { decodeDelta } from '../agent/status/delta.ts'
import { buildEpoch } from '../agent/status/epoch.ts'
import { createDecoyIndexes } from '../agent/status/index-allocation.ts'
import { createStatusBits, digestStatusBits, flipPositions } from '../agent/status/status-bits.ts'
import { createStatusListToken } from '../agent/status/token-status-list.ts'
import { measure, type Bench } from './measure.ts'

/** An epoch of a list of 2^20 entries in which ten thousand cards are revoked, and what other cities do with it. */
export const run: Bench = async () => {
  const decoys = createDecoyIndexes({ count: 65_536, random: randomBytes })
  const reserved = new Set(decoys)
  const changes = Array.from({ length: 10_000 }, (_, i) => ({ index: 100_000 + i * 80, value: 'invalid' as const }))
    .filter(({ index }) => !reserved.has(index))
  const policy = { flips: 32, noise: 32 }
  const statusBits = createStatusBits()
  const build = (some: typeof changes): ReturnType<typeof buildEpoch> => {
    return buildEpoch({ statusBits, changes: some, decoys, revocations: policy, suspensions: policy, random: randomBytes })
  }
  const large = await build(changes)
  const rates = await measure({
    digest: () => digestStatusBits(statusBits),
    quietEpoch: () => build([]),
    largeEpoch: () => build(changes),
    replay: async () => {
      const copy = new Uint8Array(statusBits)
      flipPositions(copy, decodeDelta(large.delta, 2 ** 21))
      await digestStatusBits(copy)
    },
    publish: () => createStatusListToken({
      uri: 'https://card.porto.example/status/1', statusBits: large.statusBits, issuedAtSeconds: 0, expiresAtSeconds: 1, ttlSeconds: 1,
      header: { kid: 'k' }, sign: () => 'signature', compress: compressNatively,
    }),
  }, { rounds: 5 })
  const digest = { name: 'SHA-256 of the list', ratePerSecond: rates.digest }
  const bytes = (large.delta.length / large.positions.length).toFixed(2)
  return [
    { name: 'status epoch of 2^20 entries, decoys only', ratePerSecond: rates.quietEpoch, native: digest },
    { name: 'status epoch of 2^20 entries, 10,000 revoked', ratePerSecond: rates.largeEpoch, native: digest, note: `${bytes} bytes a flip` },
    { name: 'replay of that epoch by another city', ratePerSecond: rates.replay, native: digest },
    { name: 'token status list of that epoch', ratePerSecond: rates.publish, note: 'without the signature' },
  ]
}
