import { expect } from 'chai'
import { decodeJwt } from 'jose'
import { allMigrations } from '../../../api/migrations.ts'
import { chainTables } from '../../../api/platform/chain-sender.ts'
import { migrate, openDatabase, type Db } from '../../../api/platform/database.ts'
import { listPath } from '../../../api/trust/service.ts'
import { createTrustHistory, type TrustHistory } from '../../../chain/history.ts'
import { createIndexer } from '../../../chain/indexer/indexer.ts'
import { PublishedList } from '../../chain/support/history.ts'
import { porto, portoController, TestNetwork } from '../../chain/support/network.ts'
import { Sender } from '../../chain/support/sender.ts'
import { sharedPostgres } from '../../fakes/city-databases.ts'
import { openTrustDesk, type TrustDesk } from './trust-desk.ts'

interface Told {
  readonly block: { readonly number: number; readonly hash: string }
  readonly cities: readonly { readonly locode: string; readonly service_url: string }[]
  readonly status_lists: readonly { readonly epoch: number }[]
}

for (const kind of ['PGlite', 'PostgreSQL'] as const) {
  describe(`an answer of the registry while the index moves, on ${kind}`, function () {
    this.timeout(120_000)
    let db: Db
    let network: TestNetwork
    let sender: Sender
    let desk: TrustDesk
    let list: PublishedList
    /** What happens as soon as the register has been read. */
    let meanwhile: () => Promise<void>
    let moves = 0

    before(async function () {
      const server = kind === 'PostgreSQL' ? await sharedPostgres() : undefined
      if (kind === 'PostgreSQL' && server === undefined) return this.skip()
      db = openDatabase(server === undefined ? { kind: 'memory' } : { kind: 'postgres', url: (await server.createDatabase()).url })
      await migrate(db, allMigrations)
      network = await TestNetwork.start()
      sender = new Sender(network.provider, network.deployment)
      const real = createTrustHistory({ db: chainTables(db), deployment: network.deployment, provider: network.provider, clock: () => desk.nowSeconds * 1000 })
      const history: TrustHistory = {
        at: real.at,
        read: async (work) => await real.read(async ({ at, tables }) => await work({
          tables,
          async at(moment) {
            const register = await at(moment)
            await meanwhile()
            return register
          },
        })),
      }
      desk = await openTrustDesk(await sender.nowSeconds(), { db, history })
    })
    beforeEach(async () => {
      meanwhile = async () => {}
      moves += 1
      list = new PublishedList(sender, `https://porto.example/status/${moves}`)
      await list.create()
      await move()
      await catchUp()
    })
    after(async () => {
      await (desk as TrustDesk | undefined)?.close()
      await (network as TestNetwork | undefined)?.stop()
      await (db as Db | undefined)?.destroy()
    })

    const catchUp = async (): Promise<void> => {
      await createIndexer({ db: chainTables(db), provider: network.provider, deployment: network.deployment }).catchUp()
      desk.nowSeconds = (await sender.nowSeconds()) + 5
    }
    /** Something of the register and something of what is published beside it. */
    const move = async (): Promise<void> => {
      await sender.call(portoController, 'CityRegistry', 'changeServiceUrl', [porto, `https://epoch-${list.epoch + 1}.example`])
      await list.publish([list.epoch])
    }
    const ask = async (query: string): Promise<{ block: Told['block']; url: string; epoch: number }> => {
      const { status, body } = await desk.get(`/v1/trust${query}`)
      expect(status, query).to.equal(200)
      const { block, cities, status_lists: lists } = body as Told
      return { block, url: cities.find(({ locode }) => locode === 'PTOPO')?.service_url ?? '', epoch: lists.at(-1)?.epoch ?? 0 }
    }
    const timeNow = (): string => `?time=${new Date(desk.nowSeconds * 1000).toISOString()}`

    for (const [what, queryOf] of [
      ['of now', () => ''], ['of the time that it is now', () => timeNow()], ['of the last block', (head: number) => `?block=${head}`],
    ] as const) {
      it(`${what} is of one block, with all that was published by then and nothing of what came after`, async () => {
        const before = await ask('')
        expect(before).to.deep.include({ url: `https://epoch-${list.epoch}.example`, epoch: list.epoch })
        await move()
        const query = queryOf(before.block.number)
        let moved: Promise<unknown> | undefined
        meanwhile = async () => {
          moved ??= createIndexer({ db: chainTables(db), provider: network.provider, deployment: network.deployment }).catchUp()
          // An embedded database has a single connection, and the index waits for it.
          if (kind === 'PostgreSQL') await moved
        }
        expect(await ask(query)).to.deep.equal(before)
        await moved
        meanwhile = async () => {}
        const after = await ask('')
        expect(after).to.deep.include({ url: `https://epoch-${list.epoch}.example`, epoch: list.epoch })
        expect(after.block.number).to.equal(before.block.number + 2)
      })
    }

    it('of a block is not that of another one that has its number since the chain went back', async () => {
      const goBack = await network.remember()
      await list.publish([9])
      await catchUp()
      const first = await ask('')
      const query = `?block=${first.block.number}`
      const listAt = async () => (decodeJwt((await desk.get(`${listPath}${query}`)).body) as { LoTE: { TrustedEntitiesList: unknown } }).LoTE.TrustedEntitiesList
      expect(await ask(query)).to.deep.equal(first)
      const firstList = JSON.stringify(await listAt())
      await goBack()
      for (const name of ['elsewhere', 'further']) await sender.call(portoController, 'CityRegistry', 'changeServiceUrl', [porto, `https://${name}.example`])
      await catchUp()
      const second = await ask(query)
      expect(second.block.number).to.equal(first.block.number)
      expect(second.block.hash).to.not.equal(first.block.hash)
      expect([second.url, second.epoch]).to.deep.equal(['https://elsewhere.example', first.epoch - 1])
      expect(firstList).to.not.include('elsewhere.example')
      expect(JSON.stringify(await listAt())).to.include('elsewhere.example')
    })
  })
}
