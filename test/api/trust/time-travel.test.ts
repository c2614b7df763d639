import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect } from 'chai'
import { decodeJwt } from 'jose'
import express from 'express'
import { createAgent } from '../../../agent/agent.ts'
import { ensureCityIdentity } from '../../../api/city/identity.ts'
import { allMigrations } from '../../../api/migrations.ts'
import { migrate, openDatabase } from '../../../api/platform/database.ts'
import { chainTables } from '../../../api/platform/chain-sender.ts'
import { createKeyStore } from '../../../api/platform/key-store.ts'
import { createRateLimits } from '../../../api/platform/limits.ts'
import { createErrorHandler, notFound } from '../../../api/platform/problems.ts'
import { mountRoutes } from '../../../api/platform/router.ts'
import { createSecrets } from '../../../api/platform/secrets.ts'
import { createSettings } from '../../../api/platform/settings.ts'
import { listPath } from '../../../api/trust/service.ts'
import { createTrust } from '../../../api/trust/trust.ts'
import { findDecision } from '../../../chain/decisions.ts'
import { createTrustHistory } from '../../../chain/history.ts'
import { createIndexer } from '../../../chain/indexer/indexer.ts'
import { latestBlock } from '../../../chain/queries.ts'
import type { ChainProvider } from '../../../chain/rpc.ts'
import { Sender, writeHistory } from '../../chain/support/history.ts'
import { TestNetwork } from '../../chain/support/network.ts'
import { createMemoryDidStore } from '../../fakes/memory-did-store.ts'
import { createMemoryTrust } from '../../fakes/memory-trust.ts'

describe('the trust lists as of a block of the past', () => {
  it('say what they said when that block was the last one', async function () {
    this.timeout(240_000)
    const network = await TestNetwork.start()
    await writeHistory(new Sender(network.provider, network.deployment))
    const head = Number(await network.provider.send('eth_blockNumber', []))
    const db = openDatabase({ kind: 'memory' })
    await migrate(db, allMigrations)
    const tables = chainTables(db)
    let number = network.deployment.deployedAtBlock
    const shorter: ChainProvider = {
      send: async (method, params) => await network.provider.send(method, method === 'eth_getBlockByNumber' && params[0] === 'latest' ? [`0x${number.toString(16)}`, false] : params),
    }
    let nowSeconds = 0
    const clock = (): Date => new Date(nowSeconds * 1000)
    const keyEncryptionKey = new Uint8Array(32).fill(7)
    const secrets = createSecrets(keyEncryptionKey)
    const memory = createMemoryTrust()
    const agent = createAgent({
      keyStore: createKeyStore(db), didStore: createMemoryDidStore(), keyEncryptionKey, trustSource: memory, statusSource: memory, clock: () => nowSeconds,
    })
    const app = express()
    const server = createServer(app)
    await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) })
    const url = `http://localhost:${(server.address() as AddressInfo).port}`
    nowSeconds = Math.floor(Date.now() / 1000)
    const identity = await ensureCityIdentity({ agent, settings: createSettings(db, secrets), locode: 'PTOPO', cityName: 'Porto', publicUrl: url, clock, thumbprintOf: () => 'unused' })
    const { routes } = createTrust({
      db, identity, keys: agent.keys, clock, decisions: { findDecision: async (place, index) => await findDecision(index, place) },
      history: createTrustHistory({ db: tables, deployment: network.deployment, provider: network.provider, clock: () => nowSeconds * 1000 }),
    })
    mountRoutes(app, routes, {
      db, secrets, limits: createRateLimits(10_000), bearers: new Map(), checkResponses: true,
      sessions: { authorise: () => Promise.reject(new TypeError('no route of these asks who calls')) },
    })
    app.use(notFound)
    app.use(createErrorHandler('Porto'))
    try {
      const paths = ['/v1/trust', '/v1/trust/cities/PTOPO', '/v1/trust/cities/FRCFE', '/trusted-issuers-registry/v5/issuers/did:web:porto.example?version=deprecated']
      const read = async (moment: string) => {
        const answers = await Promise.all(paths.map(async (path) => {
          const response = await fetch(`${url}${path}${path.includes('?') ? '&' : '?'}${moment}`)
          return response.ok ? await response.json() as unknown : response.status
        }))
        // But for when it was signed: a list without news is signed anew only once an hour.
        const { LoTE } = decodeJwt(await (await fetch(`${url}${listPath}?${moment}`)).text()) as { LoTE: { TrustedEntitiesList: unknown; ListAndSchemeInformation: { SchemeExtensions: unknown } } }
        return [...answers, LoTE.TrustedEntitiesList]
      }
      const indexer = createIndexer({ db: tables, provider: shorter, deployment: network.deployment })
      const said = new Map<number, unknown>()
      for (; number <= head; number += 1) {
        await indexer.catchUp()
        nowSeconds = (await latestBlock(tables))?.timestampSeconds ?? 0
        said.set(number, await read(''))
      }
      nowSeconds += 10_000
      for (const [block, then] of said) expect(await read(`block=${block}`), `block ${block}`).to.deep.equal(then)
      const trust = [...said.values()].map((answers) => (answers as [{ programs: unknown; status_lists: unknown }])[0])
      expect(new Set(trust.map(({ programs }) => JSON.stringify(programs))).size).to.be.greaterThan(8)
      expect(new Set(trust.map(({ status_lists: lists }) => JSON.stringify(lists))).size).to.equal(4)
    } finally {
      server.closeAllConnections()
      await new Promise((resolve) => { server.close(resolve) })
      await network.stop()
      await db.destroy()
    }
  })
})
