import { expect } from 'chai'
import { sql } from 'kysely'
import { controllerAccount, ensureKey } from '../../../api/city/identity.ts'
import { chainTables } from '../../../api/platform/chain-sender.ts'
import { transact } from '../../../api/platform/transaction.ts'
import { createOutboxStore } from '../../../chain/outbox/outbox-store.ts'
import { onEachDatabase } from '../../fakes/city-databases.ts'
import { refusalOf } from '../points-desk.ts'
import { createGovernanceDesk, createGovernanceKeys, governanceDeskMigrations } from './desk.ts'

const root = `0x${'5a'.repeat(32)}`

describe('control over the city', () => {
  onEachDatabase(governanceDeskMigrations, (db) => {
    let keys: ReturnType<typeof createGovernanceKeys>
    let desk: ReturnType<typeof createGovernanceDesk>

    beforeEach(async () => {
      await sql`truncate governance_drafts, governance_records, chain_outbox cascade`.execute(db())
      await sql`update governance_control set account = 'city-controller', next_account = null, accept_key = null`.execute(db())
      keys = createGovernanceKeys()
      desk = createGovernanceDesk(db(), keys)
      await ensureKey(keys, controllerAccount, 'Secp256k1')
    })

    /** Something the city sends in its day's work. */
    const work = async (name: string): Promise<void> => {
      await desk.chain.enqueue({ account: 'city-controller', contract: 'Anchors', method: 'anchor', key: name, args: ['0x50544f504f', 0, 1, root] })
    }
    const accountsOf = async (): Promise<Record<string, string>> => Object.fromEntries((await desk.calls()).map(({ key, account }) => [key, account]))
    const restart = (): void => { desk = createGovernanceDesk(db(), keys) }

    const offer = async (): Promise<{ account: string; address: string }> => {
      const { draftId } = await desk.draft({ type: 'offer_controller', ownKey: true })
      await desk.approve(draftId)
      await desk.settle(`governance:${draftId}`, 'confirmed')
      const { next } = await desk.control.read()
      if (next === undefined) throw new Error('nothing was offered')
      return next
    }
    const accept = async (): Promise<string> => {
      const { draftId } = await desk.draft({ type: 'accept_controller' })
      await desk.approve(draftId)
      return `governance:${draftId}`
    }

    it('is offered to a new key whose address both officers saw', async () => {
      const drafted = await desk.draft({ type: 'offer_controller', ownKey: true })
      const { address: current } = (await desk.control.read()).current
      const address = drafted.action.type === 'offer_controller' ? drafted.action.account : undefined
      expect(address).to.match(/^0x[0-9a-fA-F]{40}$/).and.not.to.equal(current)
      expect((await desk.control.read()).next).to.equal(undefined)
      await desk.approve(drafted.draftId)
      expect((await desk.control.read()).next?.address).to.equal(address)
      const [call] = await desk.calls()
      expect([call?.method, call?.account, call?.args[1]]).to.deep.equal(['offerController', 'city-controller', address])
    })

    it('cannot be accepted before it was offered to a key of this service', async () => {
      expect(await refusalOf(desk.draft({ type: 'accept_controller' }))).to.equal('ERR_NOTHING_OFFERED')
      const { draftId } = await desk.draft({ type: 'offer_controller', ownKey: false, account: '0x00000000000000000000000000000000000000AA' })
      await desk.approve(draftId)
      expect(await refusalOf(desk.draft({ type: 'accept_controller' }))).to.equal('ERR_NOTHING_OFFERED')
    })

    it('moves to the new key, which accepts itself and then sends what waited, in order', async () => {
      const next = await offer()
      await work('before')
      const acceptKey = await accept()
      await work('during')
      const waiting = (await accountsOf()).during
      expect(waiting).not.to.be.oneOf(['city-controller', next.account])
      expect(await accountsOf()).to.deep.include({ before: waiting, [acceptKey]: next.account })
      expect(await desk.control.settleHandOver()).to.equal('open')
      expect((await desk.control.read()).isHandingOver).to.equal(true)
      await desk.settle(acceptKey, 'confirmed')
      expect(await desk.control.settleHandOver()).to.equal('switched')
      await work('after')
      expect(await accountsOf()).to.deep.include({ before: next.account, during: next.account, after: next.account })
      expect(await desk.control.read()).to.deep.equal({ current: next, next: undefined, isHandingOver: false })
      expect(desk.control.address()).to.equal(next.address)
    })

    it('stays with the old key when the chain refuses the acceptance, and nothing is lost', async () => {
      const next = await offer()
      const acceptKey = await accept()
      await work('during')
      await desk.settle(acceptKey, 'failed', { code: 'ERR_CITY_REGISTRY_NOT_OFFERED', detail: '' })
      expect(await desk.control.settleHandOver()).to.equal('kept')
      expect((await accountsOf()).during).to.equal('city-controller')
      expect((await desk.control.read()).next).to.deep.equal(next)
    })

    it('survives a crash at each step', async () => {
      const next = await offer()
      restart()
      await transact(db(), async () => {
        await accept()
        throw new Error('power cut')
      }).catch(() => undefined)
      restart()
      expect((await desk.control.read()).isHandingOver).to.equal(false)
      const acceptKey = await accept()
      restart()
      await work('during')
      await desk.settle(acceptKey, 'confirmed')
      restart()
      expect(await desk.control.settleHandOver()).to.equal('switched')
      restart()
      expect(await desk.control.settleHandOver()).to.equal('nothing')
      expect((await desk.control.read()).current).to.deep.equal(next)
      expect((await accountsOf()).during).to.equal(next.account)
    })

    it('is accepted only when nothing of the old key is on its way any more', async () => {
      await work('flying')
      await desk.settle('flying', 'sent')
      const next = await offer()
      const acceptKey = await accept()
      expect((await accountsOf()).flying).to.equal('city-controller')
      expect(await refusalOf(desk.control.requireTurn(next.account))).to.equal('ERR_CONTROL_WAITING')
      await desk.settle('flying', 'confirmed')
      await desk.control.requireTurn(next.account)
      await desk.settle(acceptKey, 'confirmed')
      await desk.control.settleHandOver()
      await desk.control.requireTurn(next.account)
    })

    it('leaves a call that is written a second time with the key it was written for', async () => {
      await work('twice')
      await desk.settle('twice', 'confirmed')
      await offer()
      await desk.settle(await accept(), 'confirmed')
      await desk.control.settleHandOver()
      await work('twice')
      expect((await accountsOf()).twice).to.equal('city-controller')
    })

    it('keeps what waits from being sent, and from being waited for', async () => {
      await offer()
      await work('waits')
      const acceptKey = await accept()
      const store = createOutboxStore(chainTables(db()), 'worker')
      const accounts = await store.openAccounts()
      expect(accounts).to.deep.equal([(await desk.control.read()).next?.account])
      const row = (await store.openRows(accounts[0] ?? '', 1)).queued[0]
      expect(row?.key).to.equal(acceptKey)
      if (row !== undefined) expect(await store.hasOpenBefore(row)).to.equal(false)
    })

    it('keeps the sender from signing with the old key what was handed over while it looked', async () => {
      await work('seen')
      const store = createOutboxStore(chainTables(db()), 'worker')
      await store.claim('city-controller', 0, 60_000)
      const seen = (await store.openRows('city-controller', 1)).queued[0]
      await offer()
      await accept()
      if (seen === undefined) throw new Error('nothing was seen')
      expect(await store.storeSigned(seen, { hash: root, nonce: 0, raw: '0x', maxFeePerGas: 0n, signedAtMs: 0 })).to.equal(false)
      expect((await desk.calls()).find(({ key }) => key === 'seen')?.state).to.equal('queued')
    })

    it('is not handed over twice at a time', async () => {
      await offer()
      const again = await desk.draft({ type: 'offer_controller', ownKey: true })
      await accept()
      expect(await refusalOf(desk.approve(again.draftId))).to.equal('ERR_CONTROL_MOVING')
    })
  })
})
